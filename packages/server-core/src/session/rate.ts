/** How much one session may ask for: its requests by their costs, and the bytes that it sends. */
import { TokenBucket } from '../domain/token-bucket.ts';
import type { ServerLimits } from '../limits.ts';

export class Rate {
  readonly #clock: () => number;
  readonly #limits: ServerLimits;
  readonly #requests: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor(limits: ServerLimits, clock: () => number) {
    this.#clock = clock;
    this.#limits = limits;
    this.#requests = new TokenBucket({ perSecond: limits.requestsPerSecond, burst: limits.requestBurst }, clock());
    this.#bytes = new TokenBucket({ perSecond: limits.bytesPerSecond, burst: limits.byteBurst }, clock());
  }

  received(bytes: number): void {
    this.#bytes.take(bytes, this.#clock());
  }

  /**
   * `refuse` while the session is in debt; what it asks then counts too, so that one who slows down is let on and one who
   * does not comes to `cut`, at a debt as large as the burst.
   */
  request(cost: number): 'admit' | 'refuse' | 'cut' {
    const now = this.#clock();
    const requests = this.#requests.take(cost, now);
    const bytes = this.#bytes.take(0, now);
    if (requests < -this.#limits.requestBurst || bytes < -this.#limits.byteBurst) return 'cut';
    return requests < 0 || bytes < 0 ? 'refuse' : 'admit';
  }
}
