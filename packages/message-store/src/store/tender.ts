/** When a store erases and merges: erasure first, and after a failure not again at once, because that would take the disk's space each time. */

/** How often what the retention does not keep is erased. */
const eraseEveryMs = 24 * 60 * 60 * 1000;
/** How often copies are erased that have become stale: any member can make some, and a large file is written anew for each. */
const eraseStaleEveryMs = 10 * 60 * 1000;
/** After an erasure that failed, the time to the next one. */
const eraseAgainAfterMs = 60 * 1000;
/** After a merge that failed, the time to the next one. No user waits for it, and it may take as much space as the largest segment. */
const mergeAgainAfterMs = 10 * 60 * 1000;

/** What is tended. */
export interface TenderOptions {
  /** Returns the time in ms since 1970. */
  now(): number;
  isClosed(): boolean;
  /** Erases what is not kept. @returns false if something of it is left */
  erase(): Promise<boolean>;
  /** Merges the next segments. @returns false if there are none */
  merge(): Promise<boolean>;
}

/** Does what is due, one after another. */
export class Tender {
  readonly #options: TenderOptions;
  /** When the last erasure began; null if another one is due. */
  #erasedAt: number | null = null;
  #isErasing = false;
  /** True if copies have become stale since the last erasure began. */
  #hasStale = false;
  #erasureFailedAt: number | null = null;
  #mergeFailedAt: number | null = null;
  #running: Promise<void> | null = null;

  constructor(options: TenderOptions) {
    this.#options = options;
  }

  /** True until what is to be erased is in no segment that is named. */
  get isErasureDue(): boolean {
    return this.#isErasing || !this.#isWithin(this.#erasedAt, this.#hasStale ? eraseStaleEveryMs : eraseEveryMs);
  }

  /** True from an erasure that has failed to one that succeeds, or to the next that is wanted. */
  get hasFailed(): boolean {
    return this.#erasureFailedAt !== null;
  }

  /** Makes an erasure due, also while one runs: that may be past what is to be erased now. */
  eraseAgain(): void {
    this.#erasedAt = null;
    this.#erasureFailedAt = null;
  }

  /** Makes an erasure due ten minutes after the last one. */
  eraseSoon(): void {
    this.#hasStale = true;
  }

  /**
   * Does all that is due. Never rejects. Calls of it while it runs wait for the same run, which does what has become due meanwhile.
   *
   * @param again true to erase although that has just failed, because a caller waits for it
   */
  async run(again: boolean): Promise<void> {
    if (this.#options.isClosed()) return;
    if (again) this.#erasureFailedAt = null;
    this.#running ??= this.#run();
    await this.#running;
  }

  /** Resolves when nothing runs. */
  async ended(): Promise<void> {
    await this.#running;
  }

  /** True if an erasure is due, and the last one did not fail just before. */
  get #isToErase(): boolean {
    return this.isErasureDue && !this.#isWithin(this.#erasureFailedAt, eraseAgainAfterMs);
  }

  async #run(): Promise<void> {
    try {
      while (!this.#options.isClosed()) {
        if (this.#isToErase) await this.#erase();
        else if (!(await this.#merge()) && !this.#isToErase) return;
      }
    } finally {
      // In the same step as the last look at what is due.
      this.#running = null;
    }
  }

  async #erase(): Promise<void> {
    const { now, isClosed, erase } = this.#options;
    this.#erasedAt = now();
    this.#isErasing = true;
    this.#hasStale = false;
    const isDone = await erase().catch(() => false);
    this.#isErasing = false;
    this.#erasureFailedAt = isDone || isClosed() ? null : now();
    if (!isDone) this.#erasedAt = null;
  }

  /** Resolves with true if there may be more to merge. */
  async #merge(): Promise<boolean> {
    const { now, merge } = this.#options;
    if (this.#isWithin(this.#mergeFailedAt, mergeAgainAfterMs)) return false;
    try {
      return await merge();
    } catch {
      this.#mergeFailedAt = now();
      return false;
    }
  }

  #isWithin(time: number | null, durationMs: number): boolean {
    return time !== null && Math.abs(this.#options.now() - time) < durationMs;
  }
}
