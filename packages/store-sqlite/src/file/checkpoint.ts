/**
 * Copies the write-ahead log into the database: when no request comes for a moment, or when the log has grown too long to wait
 * for that. It is never part of a commit, so that commits always take the same time.
 */
import type { Database } from 'better-sqlite3';

/** Log size, in pages, from which on it is copied in a quiet moment: about 4 MB. */
const minPages = 1_000;
/** Log size, in pages, from which on it is copied at once: about 16 MB. */
const maxPages = 4_000;
/**
 * Requests between two looks at the size of the log, each of which takes 20 us. They add fewer pages than `minPages`, unless they have
 * the longest messages.
 */
const requestsPerLook = 100;
/** Time without a request that counts as a quiet moment. */
const quietMs = 50;

/** Schedules the checkpoints of one database. */
export class Checkpoint {
  readonly #readLogSize;
  readonly #copyLog;
  #timer: NodeJS.Timeout | undefined;
  /** The log's pages when it was looked at last, and the requests since. */
  #pages = 0;
  #requests = requestsPerLook;

  constructor(database: Database) {
    this.#readLogSize = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
    this.#copyLog = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** MUST be called after every batch of requests, with their number. */
  afterBatch(requests: number): void {
    clearTimeout(this.#timer);
    this.#requests += requests;
    if (this.#requests >= requestsPerLook) {
      this.#pages = this.#ignoringErrors(() => this.#pagesToCopy()) ?? 0;
      this.#requests = 0;
    }
    if (this.#pages >= maxPages) this.#run();
    else if (this.#pages >= minPages) this.#timer = setTimeout(() => this.#run(), quietMs);
  }

  /** Cancels the scheduled checkpoint. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #pagesToCopy(): number {
    const { log, checkpointed } = this.#readLogSize.get() ?? { log: 0, checkpointed: 0 };
    return log - checkpointed;
  }

  #run(): void {
    // It may have copied a part only: the next batch looks.
    this.#requests = requestsPerLook;
    this.#pages = 0;
    this.#ignoringErrors(() => this.#copyLog.get());
  }

  /**
   * Runs `work` and ignores its errors. When the disk is full or fails, the log stays as it is and the next batch tries again;
   * callers that write meanwhile get the error.
   */
  #ignoringErrors<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}
