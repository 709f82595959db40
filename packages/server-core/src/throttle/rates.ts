/** What the users of a server have asked for of late: a user has one rate, however many connections. */
import type { UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import { Buckets } from './buckets.ts';
import { Rate, type RateBuckets } from './rate.ts';
import { type BucketSize, TokenBucket } from './token-bucket.ts';

export class Rates {
  readonly #clock: () => number;
  readonly #sizes: { readonly [Kind in keyof RateBuckets]: BucketSize };
  readonly #users: { readonly [Kind in keyof RateBuckets]: Buckets };

  constructor(limits: ServerLimits, clock: () => number) {
    this.#clock = clock;
    this.#sizes = {
      requests: { perSecond: limits.requestsPerSecond, burst: limits.requestBurst },
      bytes: { perSecond: limits.bytesPerSecond, burst: limits.byteBurst },
    };
    this.#users = { requests: new Buckets(this.#sizes.requests), bytes: new Buckets(this.#sizes.bytes) };
  }

  /** That of a connection, until it is known whose it is. */
  start(): Rate {
    const now = this.#clock();
    const { requests, bytes } = this.#sizes;
    const own = { requests: new TokenBucket(requests, now), bytes: new TokenBucket(bytes, now) };
    return new Rate(own, this.#sizes, this.#clock);
  }

  /** From now on the connection is this user's, and so is what it has asked for. */
  assign(rate: Rate, user: UserName): void {
    const now = this.#clock();
    rate.charge({ requests: this.#users.requests.of(user, now), bytes: this.#users.bytes.of(user, now) });
  }
}
