/** The request rate of each user: requests by their costs, and the bytes that the user's clients send. */
import type { UserName } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import { type BucketSize, liveSize, TokenBucket, TokenBuckets } from './token-bucket.ts';

type Counted = 'requests' | 'bytes';
type ByKind<T> = { readonly [Kind in Counted]: T };

/** What the server does with a connection that has sent this much. */
export type RateVerdict = 'accept' | 'refuse' | 'disconnect';

/**
 * The least that a chunk counts, however few bytes it has, because each TLS record has its own decryption and wake-up. So a user's
 * connections wake the server 4,096 times a second at most, and one before its login 128 times in all. A client writes each frame
 * at once, as one record or a few large ones.
 */
const minChunkBytes = 256;

const none = (): number => 0;

const isFarInDebt = (bucket: TokenBucket, balance: number): boolean => balance < -bucket.burst;

/** The least that a request for bytes of a blob counts, however few it moves. */
const minTransferBytes = 16 * 1024;

/** The rate of one connection. From the login on, all connections of a user share their buckets. */
export class RequestRate {
  readonly #clock: () => number;
  #buckets: ByKind<TokenBucket>;
  /** The bytes of blobs; null before the login. */
  #transfers: TokenBucket | null = null;

  constructor(buckets: ByKind<TokenBucket>, clock: () => number) {
    this.#buckets = buckets;
    this.#clock = clock;
  }

  /** Counts in these buckets from now on, and adds to them what this connection has used so far. */
  moveTo(buckets: ByKind<TokenBucket>, transfers: TokenBucket): void {
    const now = this.#clock();
    this.#transfers = transfers;
    for (const kind of ['requests', 'bytes'] as const) {
      const own = this.#buckets[kind];
      buckets[kind].take(own.burst - own.take(0, now), now);
    }
    this.#buckets = buckets;
  }

  /**
   * Counts a chunk of bytes that the client has sent, before anything is done with it.
   *
   * @returns `disconnect` when the debt exceeds the burst: frames that never end are not waited for
   */
  received(bytes: number): 'accept' | 'disconnect' {
    const { bytes: bucket } = this.#buckets;
    const balance = bucket.take(Math.max(bytes, minChunkBytes), this.#clock());
    return isFarInDebt(bucket, balance) ? 'disconnect' : 'accept';
  }

  /**
   * Counts a request and decides what happens to it. A refused request counts too: a client that slows down is served again,
   * and one that does not is disconnected.
   *
   * @returns `refuse` while the user is in debt, `disconnect` when the debt exceeds the burst, else `accept`
   */
  request(cost: number): RateVerdict {
    const now = this.#clock();
    const requests = this.#buckets.requests.take(cost, now);
    const bytes = this.#buckets.bytes.take(0, now);
    if (isFarInDebt(this.#buckets.requests, requests) || isFarInDebt(this.#buckets.bytes, bytes)) return 'disconnect';
    return requests < 0 || bytes < 0 ? 'refuse' : 'accept';
  }

  /**
   * Counts a request that moves bytes of a blob. These bytes have a bucket of their own, so that a transfer, however long, takes nothing from
   * what messages need. A refused request counts as any other one, so that a client does not ask all the time.
   *
   * @param isUpload true if the client has sent the bytes, which `received` has counted
   */
  transfer(bytes: number, cost: number, isUpload: boolean): RateVerdict {
    const now = this.#clock();
    if (this.#transfers === null) return this.request(cost);
    if (this.#transfers.take(0, now) < 0) {
      const verdict = this.request(cost);
      return verdict === 'disconnect' ? verdict : 'refuse';
    }
    this.#transfers.take(Math.max(bytes, minTransferBytes), now);
    if (isUpload) this.#buckets.bytes.take(-bytes, now);
    return 'accept';
  }
}

/** The request rates of all users of a server. */
export class RequestRates {
  readonly #clock: () => number;
  /** Of a connection before its login. Nothing is gained with time, because such a connection does not last. */
  readonly #unproven: ByKind<BucketSize>;
  readonly #users: ByKind<TokenBuckets>;
  readonly #transfers: TokenBuckets;

  constructor(limits: ServerLimits, clock: () => number) {
    this.#clock = clock;
    this.#unproven = {
      requests: liveSize(1, none, () => limits.unprovenCost),
      bytes: liveSize(1, none, () => limits.unprovenBytes),
    };
    this.#users = {
      requests: new TokenBuckets(
        liveSize(
          1,
          () => limits.requestsPerSecond,
          () => limits.requestBurst,
        ),
      ),
      bytes: new TokenBuckets(
        liveSize(
          1,
          () => limits.bytesPerSecond,
          () => limits.byteBurst,
        ),
      ),
    };
    this.#transfers = new TokenBuckets(
      liveSize(
        1,
        () => limits.transferBytesPerSecond,
        () => limits.transferByteBurst,
      ),
    );
  }

  /** Creates the rate of a connection that has not logged in yet. */
  start(): RequestRate {
    const now = this.#clock();
    const { requests, bytes } = this.#unproven;
    return new RequestRate(
      { requests: new TokenBucket(requests, now), bytes: new TokenBucket(bytes, now) },
      this.#clock,
    );
  }

  /** Returns whether the user has used up more than could be saved. */
  isInDebt(user: UserName): boolean {
    const now = this.#clock();
    return this.#users.requests.balance(user, now) < 0 || this.#users.bytes.balance(user, now) < 0;
  }

  /** Makes a connection count for this user, including what it has used before the login. */
  assign(rate: RequestRate, user: UserName): void {
    const now = this.#clock();
    const { requests, bytes } = this.#users;
    rate.moveTo({ requests: requests.of(user, now), bytes: bytes.of(user, now) }, this.#transfers.of(user, now));
  }
}
