/** Splits a stream, which arrives in pieces of any size, into blocks of a known size. */

/** Collects pieces and yields blocks. */
export class BlockBuffer {
  readonly #memory: Uint8Array;
  #wanted: number;
  #filled = 0;

  /**
   * @param length size of each block in bytes
   * @param firstLength size of the first block, at most `length`
   */
  constructor(length: number, firstLength = length) {
    this.#memory = new Uint8Array(length);
    this.#wanted = firstLength;
  }

  /** Yields the blocks that the piece completes. All use the same memory: each is valid until the next one is requested. */
  *push(piece: Uint8Array): Generator<Uint8Array, void> {
    let unread = piece;
    while (unread.length > 0) {
      const taken = unread.subarray(0, this.#wanted - this.#filled);
      this.#memory.set(taken, this.#filled);
      this.#filled += taken.length;
      unread = unread.subarray(taken.length);
      if (this.#filled === this.#wanted) {
        const block = this.rest();
        this.#wanted = this.#memory.length;
        this.#filled = 0;
        yield block;
      }
    }
  }

  /** Returns the bytes since the last full block. */
  rest(): Uint8Array {
    return this.#memory.subarray(0, this.#filled);
  }
}
