/** The state that results from the records of a ledger. It decides which record may be appended. */
import { CaError } from '../errors.ts';
import type { CrlRecord, IssuedRecord, LedgerEntry, LedgerRecord, RevokedRecord } from './ledger.ts';

/** The certificates of a ledger by serial number, and the latest revocation list. */
export class LedgerIndex {
  readonly #entries = new Map<string, LedgerEntry>();
  readonly #revoked: string[] = [];
  #latestCrl: CrlRecord | null = null;

  /**
   * Applies a record, if it is allowed after those before.
   *
   * @throws CaError `bad-argument` for what is no record, `duplicate-serial`, `unknown-serial`, `already-revoked`, `crl-number-used`
   */
  admit(record: LedgerRecord): void {
    const type = typeof record === 'object' && record !== null ? record.type : undefined;
    if (type === 'issued') this.#issued(record as IssuedRecord);
    else if (type === 'revoked') this.#revoke(record as RevokedRecord);
    else if (type === 'crl') this.#crl(record as CrlRecord);
    else throw new CaError('bad-argument', 'not a record of a ledger: its type is none of issued, revoked and crl');
  }

  /** Returns the entry of a certificate; null for an unknown serial number. */
  find(serial: string): LedgerEntry | null {
    return this.#entries.get(serial) ?? null;
  }

  /** Returns the entries of all revoked certificates, in the order of their revocation. */
  revoked(): LedgerEntry[] {
    return this.#revoked.flatMap((serial) => this.#entries.get(serial) ?? []);
  }

  /** Returns the latest revocation list; null before the first. */
  latestCrl(): CrlRecord | null {
    return this.#latestCrl;
  }

  #issued({ type: _type, certificate: _certificate, ...record }: IssuedRecord): void {
    const { serial } = record;
    if (this.#entries.has(serial)) throw new CaError('duplicate-serial', `the serial number ${serial} is already used`);
    this.#entries.set(serial, { ...record, revoked: null });
  }

  #revoke({ serial, at, reason }: RevokedRecord): void {
    const entry = this.#entries.get(serial);
    if (entry === undefined) {
      throw new CaError('unknown-serial', `this CA has not issued a certificate with the serial number ${serial}`);
    }
    if (entry.revoked !== null) {
      throw new CaError('already-revoked', `${serial} was revoked on ${new Date(entry.revoked.at).toISOString()}`);
    }
    this.#entries.set(serial, { ...entry, revoked: { at, reason } });
    this.#revoked.push(serial);
  }

  #crl(record: CrlRecord): void {
    if (record.number <= (this.#latestCrl?.number ?? 0)) {
      throw new CaError(
        'crl-number-used',
        `a revocation list with the number ${record.number} or a higher one was already issued`,
      );
    }
    this.#latestCrl = record;
  }
}
