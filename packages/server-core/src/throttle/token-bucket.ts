/**
 * Token buckets that may go into debt: what a user takes beyond the balance stays counted, so only a user who slows down is
 * served.
 */

/** The rate and the capacity of a bucket. Both may change at any time. */
export interface BucketSize {
  /** Tokens that a bucket gains in a second. */
  readonly perSecond: number;
  /** Tokens at the start, and the largest balance. */
  readonly burst: number;
}

/** Seconds over which a bucket gains a number of tokens. */
export const seconds = { minute: 60, hour: 3_600, day: 86_400 } as const;

/**
 * Returns the size of a bucket that gains `count` tokens in this time, and holds `burst` of them. Both are read at each use, so that a
 * change of the limits counts at once.
 *
 * @param burst default: `count`, all at once if need be
 */
export const liveSize = (inSeconds: number, count: () => number, burst: () => number = count): BucketSize => ({
  get perSecond() {
    return count() / inSeconds;
  },
  get burst() {
    return burst();
  },
});

/**
 * A token bucket, full at first. When its size changes, what was used of it stays used. A smaller size alone puts no bucket into debt,
 * so that no user pays for what was allowed before.
 */
export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #updatedAt: number;
  /** The capacity at the last use. */
  #burst: number;

  /** @param now milliseconds */
  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#burst = size.burst;
    this.#tokens = this.#burst;
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
    const { perSecond, burst } = this.#size;
    const elapsedMs = Math.max(0, now - this.#updatedAt);
    // An unchanged size adds exactly nothing, and leaves the fractions of the tokens as they are.
    const resized = Math.max(Math.min(this.#tokens, 0), this.#tokens + (burst - this.#burst));
    this.#updatedAt = now;
    this.#burst = burst;
    this.#tokens = Math.min(burst, resized + (elapsedMs / 1_000) * perSecond) - count;
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
