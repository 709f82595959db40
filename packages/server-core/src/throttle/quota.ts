/** Quotas: how often each user may do something, over all of the user's connections. */
import { type BucketSize, TokenBuckets } from './token-bucket.ts';

/** A quota of the same size for each user. */
export class Quota {
  readonly #buckets: TokenBuckets;

  constructor(size: BucketSize) {
    this.#buckets = new TokenBuckets(size);
  }

  /**
   * Counts one use. A refused use does not count.
   *
   * @param name of the user, or of the user and the room
   * @param now milliseconds
   * @returns false when the quota is used up
   */
  take(name: string, now: number): boolean {
    if (!this.has(name, now)) return false;
    this.#buckets.of(name, now).take(1, now);
    return true;
  }

  /**
   * Returns the time until one more use is allowed, if there is no other use before.
   *
   * @param now milliseconds
   * @returns milliseconds; 0 when a use is allowed now
   */
  waitMs(name: string, now: number): number {
    return this.#buckets.of(name, now).waitMs(1, now);
  }

  /** Returns whether one more use is allowed, and counts nothing. */
  has(name: string, now: number): boolean {
    return this.#buckets.of(name, now).take(0, now) >= 1;
  }
}
