/** Random IVs, drawn from the system 64 at a time: one by one, drawing them costs as much as the encryption itself. */
import { IV_LENGTH } from './envelope.ts';

const IVS_PER_DRAW = 64;

export class IvPool {
  readonly #randomBytes: (length: number) => Uint8Array;
  #drawn: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(randomBytes: (length: number) => Uint8Array) {
    this.#randomBytes = randomBytes;
  }

  /** An IV that is never given out again. It is marked as used before it is returned, and a new draw is a new array. */
  next(): Uint8Array {
    if (this.#used === this.#drawn.length) {
      this.#drawn = this.#randomBytes(IVS_PER_DRAW * IV_LENGTH);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = start + IV_LENGTH;
    return this.#drawn.subarray(start, this.#used);
  }
}
