/**
 * What a CA must never forget, as a port: one record for each certificate before it is handed out, one for each
 * revocation, one for each revocation list. Records are only ever added.
 */
import type { RevocationReason } from '../x509/revocation-reason.ts';

/** A certificate was signed. Times are in milliseconds since 1970. */
export interface IssuedRecord {
  readonly type: 'issued';
  /** Lower-case hexadecimal, whole bytes. */
  readonly serial: string;
  readonly at: number;
  /** The name of the profile, or `cross-signed`. */
  readonly profile: string;
  /** What was granted; near the end of the CA's own life the certificate has less. */
  readonly lifetimeMs: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Lower-case hexadecimal SHA-256 of the certificate's DER. */
  readonly fingerprint: string;
  /** The certificate itself: DER in base64. */
  readonly certificate: string;
}

export interface RevokedRecord {
  readonly type: 'revoked';
  readonly serial: string;
  readonly at: number;
  readonly reason: RevocationReason;
}

/** A revocation list was signed. */
export interface CrlRecord {
  readonly type: 'crl';
  /** From 1 up. */
  readonly number: number;
  /** The list's `thisUpdate`. */
  readonly at: number;
  readonly nextUpdate: number;
}

export type LedgerRecord = IssuedRecord | RevokedRecord | CrlRecord;

/** What is known of one certificate; the certificate itself is in its record. */
export interface LedgerEntry extends Omit<IssuedRecord, 'type' | 'certificate'> {
  readonly revoked: Omit<RevokedRecord, 'type' | 'serial'> | null;
}

/**
 * MUST, of an implementation (`@chat/mini-ca/contract` checks all but the first):
 *
 * - `append` resolves when the record would survive the loss of power, not before. Whatever it resolved for is there
 *   for ever; what it rejected is not there.
 * - `append` decides and records in one step, also when calls race: it rejects with the `CaError` codes below.
 * - One writer at a time, if the records are kept anywhere that two could reach.
 */
export interface Ledger {
  /**
   * @throws CaError `duplicate-serial` for a certificate whose serial number is there
   * @throws CaError `unknown-serial`, `already-revoked` for a revocation
   * @throws CaError `crl-number-used` for a list whose number is not above every other's
   */
  append(record: LedgerRecord): Promise<void>;
  /** Null when no such certificate is recorded. */
  find(serial: string): Promise<LedgerEntry | null>;
  /** The revoked certificates in the order in which they were revoked. */
  revoked(): Promise<readonly LedgerEntry[]>;
  /** The one of the highest number; null before the first. */
  latestCrl(): Promise<CrlRecord | null>;
  /** Everything, in the order in which it was recorded. */
  records(): AsyncIterable<LedgerRecord>;
}
