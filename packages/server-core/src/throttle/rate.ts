/** How much a connection may ask for: its requests by their costs, and the bytes that it sends. */
import type { BucketSize, TokenBucket } from './token-bucket.ts';

export interface RateBuckets {
  readonly requests: TokenBucket;
  readonly bytes: TokenBucket;
}

export class Rate {
  readonly #sizes: { readonly [Kind in keyof RateBuckets]: BucketSize };
  readonly #clock: () => number;
  #buckets: RateBuckets;

  constructor(buckets: RateBuckets, sizes: { readonly [Kind in keyof RateBuckets]: BucketSize }, clock: () => number) {
    this.#buckets = buckets;
    this.#sizes = sizes;
    this.#clock = clock;
  }

  /** Counts in these buckets from now on, and in them what it has counted so far. */
  charge(buckets: RateBuckets): void {
    const now = this.#clock();
    for (const kind of ['requests', 'bytes'] as const) {
      buckets[kind].take(this.#sizes[kind].burst - this.#buckets[kind].take(0, now), now);
    }
    this.#buckets = buckets;
  }

  received(bytes: number): void {
    this.#buckets.bytes.take(bytes, this.#clock());
  }

  /**
   * `refuse` while there is debt; what is asked then counts too, so that one who slows down is let on and one who does
   * not comes to `cut`, at a debt as large as the burst.
   */
  request(cost: number): 'admit' | 'refuse' | 'cut' {
    const now = this.#clock();
    const requests = this.#buckets.requests.take(cost, now);
    const bytes = this.#buckets.bytes.take(0, now);
    if (requests < -this.#sizes.requests.burst || bytes < -this.#sizes.bytes.burst) return 'cut';
    return requests < 0 || bytes < 0 ? 'refuse' : 'admit';
  }
}
