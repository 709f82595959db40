/**
 * Token buckets that may go into debt: what a user takes beyond the balance stays counted, so only a user who slows down is
 * served.
 */

/** The rate and the capacity of a bucket. */
export interface BucketSize {
  /** Tokens that a bucket gains in a second. */
  readonly perSecond: number;
  /** Tokens at the start, and the largest balance. */
  readonly burst: number;
}

/** Returns the size of a bucket that allows `count` in an hour, all at once if need be. */
export const hourly = (count: number): BucketSize => ({ perSecond: count / 3_600, burst: count });

/** Returns the size of a bucket that allows `count` in a day, all at once if need be. */
export const daily = (count: number): BucketSize => ({ perSecond: count / 86_400, burst: count });

/** A token bucket, full at first. */
export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #updatedAt: number;

  /** @param now milliseconds */
  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#updatedAt = now;
  }

  /** The largest balance. */
  get burst(): number {
    return this.#size.burst;
  }

  /**
   * Takes tokens, whether the bucket has them or not.
   *
   * @param now milliseconds
   * @returns the balance afterwards; a negative one is debt
   */
  take(count: number, now: number): number {
    const elapsedMs = Math.max(0, now - this.#updatedAt);
    this.#updatedAt = now;
    this.#tokens = Math.min(this.#size.burst, this.#tokens + (elapsedMs / 1_000) * this.#size.perSecond) - count;
    return this.#tokens;
  }

  /**
   * Returns the time until the bucket has this many tokens.
   *
   * @param now milliseconds
   * @returns milliseconds; 0 when it has them
   */
  waitMs(count: number, now: number): number {
    const missing = count - this.take(0, now);
    return missing <= 0 ? 0 : Math.ceil((missing / this.#size.perSecond) * 1_000);
  }
}

/** Number of buckets below which none is dropped. */
const minBucketsToSweep = 10_000;

/** One bucket for each name: for a user over all connections, or for a user in a room. */
export class TokenBuckets {
  readonly #size: BucketSize;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAt = minBucketsToSweep;

  constructor(size: BucketSize) {
    this.#size = size;
  }

  /**
   * Returns the bucket of this name; a new one is full.
   *
   * @param now milliseconds
   */
  of(name: string, now: number): TokenBucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const bucket = new TokenBucket(this.#size, now);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** Returns the balance of this name's bucket without creating one. */
  balance(name: string, now: number): number {
    return this.#buckets.get(name)?.take(0, now) ?? this.#size.burst;
  }

  /** Drops full buckets. The next sweep waits until their number has doubled, so sweeps stay rare however many are in use. */
  #sweep(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      if (bucket.take(0, now) >= this.#size.burst) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(minBucketsToSweep, 2 * this.#buckets.size);
  }
}
