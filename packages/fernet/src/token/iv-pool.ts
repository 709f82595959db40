/** Random IVs, drawn from the system 64 at a time, because drawing one costs as much as encrypting a short message. */
import { ivBytes } from '../encoding/aes-block.ts';

const ivsPerDraw = 64;

/** A pool of random IVs. */
export class IvPool {
  readonly #randomBytes: (length: number) => Uint8Array;
  #drawn: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(randomBytes: (length: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** Returns an IV that the pool returns once only. It is marked as used first, and each draw is a new array. */
  next(): Uint8Array {
    if (this.#used === this.#drawn.length) {
      this.#drawn = this.#randomBytes(ivsPerDraw * ivBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = start + ivBytes;
    return this.#drawn.subarray(start, this.#used);
  }
}
