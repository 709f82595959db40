/**
 * Counts connections that ended without a proof of identity, by host and in all. Their handshakes and signature checks are the
 * most expensive work that a stranger can cause, so a host with too many is refused before its next handshake.
 */
import type { ServerLimits } from '../limits/limits.ts';
import { liveSize, seconds, TokenBucket, TokenBuckets } from './token-bucket.ts';

/** The limits that apply to failed attempts. */
export type FailureLimits = Pick<ServerLimits, 'failuresPerHostAndMinute' | 'failuresPerMinute'>;

/** The failed attempts at one port. */
export class FailedAttempts {
  readonly #clock: () => number;
  readonly #hosts: TokenBuckets;
  readonly #all: TokenBucket;
  readonly #limits: FailureLimits;

  /** @param clock returns milliseconds */
  constructor(limits: FailureLimits, clock: () => number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#hosts = new TokenBuckets(liveSize(seconds.minute, () => limits.failuresPerHostAndMinute));
    this.#all = new TokenBucket(
      liveSize(seconds.minute, () => limits.failuresPerMinute),
      clock(),
    );
  }

  /** Counts a connection from this host that has proved nothing. */
  note(host: string): void {
    const now = this.#clock();
    this.#hosts.of(host, now).take(1, now);
    this.#all.take(1, now);
  }

  /**
   * Returns whether the host may try again. While there are too many failures in all, only hosts without a recent failure may:
   * others cannot keep them out.
   */
  mayTry(host: string): boolean {
    const now = this.#clock();
    const balance = this.#hosts.balance(host, now);
    return balance >= 1 && (this.#all.take(0, now) >= 1 || balance >= this.#limits.failuresPerHostAndMinute);
  }
}
