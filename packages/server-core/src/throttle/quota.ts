/** How often each user may do something, over all of their connections. */
import { Buckets } from './buckets.ts';
import type { BucketSize } from './token-bucket.ts';

export class Quota {
  readonly #buckets: Buckets;

  constructor(size: BucketSize) {
    this.#buckets = new Buckets(size);
  }

  /** Whether this user, or whoever it is counted for, may once more; if so, it counts. */
  take(name: string, now: number): boolean {
    const bucket = this.#buckets.of(name, now);
    if (bucket.take(0, now) < 1) return false;
    bucket.take(1, now);
    return true;
  }
}

/** So many an hour, all at once if need be. */
export const hourly = (count: number): BucketSize => ({ perSecond: count / 3_600, burst: count });
