/**
 * The port of a CA's ledger: one record for each certificate, appended before the certificate is returned, one for each revocation
 * and one for each revocation list. Records are never changed or removed.
 */
import type { RevocationReason } from '../x509/revocation-reason.ts';

/** The record of an issued certificate. All times of records are milliseconds since 1970. */
export interface IssuedRecord {
  /** Tells the records apart. */
  readonly type: 'issued';
  /** The serial number in lower-case hexadecimal, two digits for each byte. */
  readonly serial: string;
  /** The time of issue. */
  readonly at: number;
  /** The name of the profile, or `cross-signed`. */
  readonly profile: string;
  /** The granted lifetime in milliseconds. The certificate has less if the CA's certificate ends before. */
  readonly lifetimeMs: number;
  /** The beginning of the validity. */
  readonly notBefore: number;
  /** The last second of the validity. */
  readonly notAfter: number;
  /** SHA-256 of the certificate's DER in lower-case hexadecimal. */
  readonly fingerprint: string;
  /** The certificate: DER in base64. */
  readonly certificate: string;
}

/** The record of a revocation. */
export interface RevokedRecord {
  /** Tells the records apart. */
  readonly type: 'revoked';
  /** The serial number of the certificate. */
  readonly serial: string;
  /** The time of the revocation. */
  readonly at: number;
  /** The reason of the revocation. */
  readonly reason: RevocationReason;
}

/** The record of an issued revocation list. */
export interface CrlRecord {
  /** Tells the records apart. */
  readonly type: 'crl';
  /** The CRL number, 1 for the first list. */
  readonly number: number;
  /** The `thisUpdate` of the list. */
  readonly at: number;
  /** The `nextUpdate` of the list. */
  readonly nextUpdate: number;
}

/** A record of the ledger. */
export type LedgerRecord = IssuedRecord | RevokedRecord | CrlRecord;

/** The state of one certificate. The certificate itself is in its record. */
export interface LedgerEntry extends Omit<IssuedRecord, 'type' | 'certificate'> {
  /** Time and reason of the revocation; null for a certificate that is not revoked. */
  readonly revoked: Omit<RevokedRecord, 'type' | 'serial'> | null;
}

/**
 * Stores the records of a CA. Requirements for an implementation (`@chat/mini-ca/contract` checks all but durability):
 *
 * - `append` MUST NOT resolve before the record would survive a loss of power. A record for which it resolves MUST remain; a record
 *   for which it rejects MUST NOT be stored.
 * - `append` MUST decide and store in one step, also for concurrent calls, and reject with the codes below.
 * - If two processes can reach the records, only one of them MUST be able to write at a time.
 */
export interface Ledger {
  /**
   * Stores a record.
   *
   * @throws CaError `duplicate-serial` for a certificate whose serial number the ledger already has
   * @throws CaError `unknown-serial`, `already-revoked` for a revocation
   * @throws CaError `crl-number-used` for a list whose number is not higher than all others
   */
  append(record: LedgerRecord): Promise<void>;
  /** Returns the state of a certificate, or null when the ledger does not have it. */
  find(serial: string): Promise<LedgerEntry | null>;
  /** Returns the revoked certificates in the order of their revocation. */
  revoked(): Promise<readonly LedgerEntry[]>;
  /** Returns the record of the list with the highest number, or null before the first list. */
  latestCrl(): Promise<CrlRecord | null>;
  /** Yields all records in the order in which they were appended. */
  records(): AsyncIterable<LedgerRecord>;
}
