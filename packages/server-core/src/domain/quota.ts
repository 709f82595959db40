/** How often each user may do something, over all of their connections. */
import type { UserName } from '@chat/protocol';
import { type BucketSize, TokenBucket } from './token-bucket.ts';

/** Users remembered before those who have their whole quota back are forgotten. */
const sweepAt = 10_000;

export class Quota {
  readonly #size: BucketSize;
  readonly #buckets = new Map<UserName, TokenBucket>();

  constructor(size: BucketSize) {
    this.#size = size;
  }

  /** Whether this user may once more; if so, it counts. */
  take(user: UserName, now: number): boolean {
    if (this.#buckets.size >= sweepAt) this.#sweep(now);
    const bucket = this.#buckets.get(user) ?? new TokenBucket(this.#size, now);
    this.#buckets.set(user, bucket);
    if (bucket.take(0, now) < 1) return false;
    bucket.take(1, now);
    return true;
  }

  #sweep(now: number): void {
    for (const [user, bucket] of this.#buckets) {
      if (bucket.take(0, now) >= this.#size.burst) this.#buckets.delete(user);
    }
  }
}
