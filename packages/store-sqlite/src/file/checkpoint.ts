/**
 * When the write-ahead log is copied into the database: in a quiet moment, or when it has grown too long to wait for
 * one. Never as part of a commit, so that commits take the same time throughout.
 */
import type { Database } from 'better-sqlite3';

/** Pages in the log that are worth a quiet moment: about 4 MB. */
const worthwhile = 1_000;
/** Pages at which it no longer waits: about 16 MB. */
const tooMany = 4_000;
/** Milliseconds without a request that count as quiet. */
const quiet = 50;

export class Checkpoint {
  readonly #log;
  readonly #copy;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database) {
    this.#log = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)');
    this.#copy = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  /** To be called after every batch. */
  afterBatch(): void {
    clearTimeout(this.#timer);
    const waiting = this.#tried(() => this.#waiting()) ?? 0;
    if (waiting >= tooMany) this.#run();
    else if (waiting >= worthwhile) this.#timer = setTimeout(() => this.#run(), quiet);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #waiting(): number {
    const { log, checkpointed } = this.#log.get() ?? { log: 0, checkpointed: 0 };
    return log - checkpointed;
  }

  #run(): void {
    this.#tried(() => this.#copy.get());
  }

  /**
   * When the disk is full or failing nothing is lost: the log stays as it is, the next batch tries again, and whoever
   * writes meanwhile is told. So a failure here has nobody to go to.
   */
  #tried<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch {
      return undefined;
    }
  }
}
