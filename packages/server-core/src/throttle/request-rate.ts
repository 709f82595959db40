/** The request rate of each user: requests by their costs, and the bytes that the user's clients send. */
import type { UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import { type BucketSize, TokenBucket, TokenBuckets } from './token-bucket.ts';

type Counted = 'requests' | 'bytes';
type ByKind<T> = { readonly [Kind in Counted]: T };

/** The rate of one connection. From the login on, all connections of a user share their buckets. */
export class RequestRate {
  readonly #sizes: ByKind<BucketSize>;
  readonly #clock: () => number;
  #buckets: ByKind<TokenBucket>;

  constructor(buckets: ByKind<TokenBucket>, sizes: ByKind<BucketSize>, clock: () => number) {
    this.#buckets = buckets;
    this.#sizes = sizes;
    this.#clock = clock;
  }

  /** Counts in these buckets from now on, and adds to them what this connection has used so far. */
  moveTo(buckets: ByKind<TokenBucket>): void {
    const now = this.#clock();
    for (const kind of ['requests', 'bytes'] as const) {
      buckets[kind].take(this.#sizes[kind].burst - this.#buckets[kind].take(0, now), now);
    }
    this.#buckets = buckets;
  }

  /** Counts bytes that the client has sent. */
  received(bytes: number): void {
    this.#buckets.bytes.take(bytes, this.#clock());
  }

  /**
   * Counts a request and decides what happens to it. A refused request counts too: a client that slows down is served again,
   * and one that does not is disconnected.
   *
   * @returns `refuse` while the user is in debt, `disconnect` when the debt exceeds the burst, else `accept`
   */
  request(cost: number): 'accept' | 'refuse' | 'disconnect' {
    const now = this.#clock();
    const requests = this.#buckets.requests.take(cost, now);
    const bytes = this.#buckets.bytes.take(0, now);
    if (requests < -this.#sizes.requests.burst || bytes < -this.#sizes.bytes.burst) return 'disconnect';
    return requests < 0 || bytes < 0 ? 'refuse' : 'accept';
  }
}

/** The request rates of all users of a server. */
export class RequestRates {
  readonly #clock: () => number;
  readonly #sizes: ByKind<BucketSize>;
  readonly #users: ByKind<TokenBuckets>;

  constructor(limits: ServerLimits, clock: () => number) {
    this.#clock = clock;
    this.#sizes = {
      requests: { perSecond: limits.requestsPerSecond, burst: limits.requestBurst },
      bytes: { perSecond: limits.bytesPerSecond, burst: limits.byteBurst },
    };
    this.#users = { requests: new TokenBuckets(this.#sizes.requests), bytes: new TokenBuckets(this.#sizes.bytes) };
  }

  /** Creates the rate of a connection that has not logged in yet. */
  start(): RequestRate {
    const now = this.#clock();
    const { requests, bytes } = this.#sizes;
    const own = { requests: new TokenBucket(requests, now), bytes: new TokenBucket(bytes, now) };
    return new RequestRate(own, this.#sizes, this.#clock);
  }

  /** Makes a connection count for this user, including what it has used before the login. */
  assign(rate: RequestRate, user: UserName): void {
    const now = this.#clock();
    rate.moveTo({ requests: this.#users.requests.of(user, now), bytes: this.#users.bytes.of(user, now) });
  }
}
