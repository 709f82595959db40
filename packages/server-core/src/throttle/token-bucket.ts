/** A token bucket that may go into debt: what was too much stays counted, so only who slows down is let on. */

export interface BucketSize {
  /** Tokens gained in a second. */
  readonly perSecond: number;
  /** Tokens at the start, and the most that can be saved up. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #at: number;

  /** @param now milliseconds */
  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#at = now;
  }

  /** Takes tokens, there or not, and returns what is left: negative is debt. */
  take(count: number, now: number): number {
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.#size.burst, this.#tokens + (elapsed / 1_000) * this.#size.perSecond) - count;
    return this.#tokens;
  }
}
