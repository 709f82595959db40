/** Token buckets by name: of users over all of their connections, or of users in rooms. */
import { type BucketSize, TokenBucket } from './token-bucket.ts';

/** Buckets remembered before those that are full again are forgotten. */
const fewest = 10_000;

export class Buckets {
  readonly #size: BucketSize;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAt = fewest;

  constructor(size: BucketSize) {
    this.#size = size;
  }

  /** @param now milliseconds */
  of(name: string, now: number): TokenBucket {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
    const bucket = new TokenBucket(this.#size, now);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** The next one is due when there are twice as many as were left, so that however many are in use, it stays rare. */
  #sweep(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      if (bucket.take(0, now) >= this.#size.burst) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(fewest, 2 * this.#buckets.size);
  }
}
