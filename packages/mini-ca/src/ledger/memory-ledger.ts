/** A ledger in memory. */
import type { CrlRecord, Ledger, LedgerEntry, LedgerRecord } from './ledger.ts';
import { LedgerIndex } from './ledger-index.ts';

/** A ledger in memory, for tests and for CAs that do not outlive their process. */
export class MemoryLedger implements Ledger {
  readonly #records: LedgerRecord[] = [];
  readonly #index = new LedgerIndex();

  async append(record: LedgerRecord): Promise<void> {
    this.#index.admit(record);
    this.#records.push(record);
  }

  async find(serial: string): Promise<LedgerEntry | null> {
    return this.#index.find(serial);
  }

  async revoked(): Promise<readonly LedgerEntry[]> {
    return this.#index.revoked();
  }

  async latestCrl(): Promise<CrlRecord | null> {
    return this.#index.latestCrl();
  }

  async *records(): AsyncGenerator<LedgerRecord> {
    yield* this.#records;
  }
}
