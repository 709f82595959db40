/** A stream arrives in pieces of any length; here they are cut anew, into blocks of known length. */

export class Recutter {
  readonly #memory: Uint8Array;
  #wanted: number;
  #filled = 0;

  /** The length of each block, bytes; the very first one may be shorter. */
  constructor(length: number, firstLength = length) {
    this.#memory = new Uint8Array(length);
    this.#wanted = firstLength;
  }

  /** The blocks that the piece completes. All lie in the same memory: each is good only until the next is asked for. */
  *cut(piece: Uint8Array): Generator<Uint8Array, void> {
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

  /** What has come since the last full block. */
  rest(): Uint8Array {
    return this.#memory.subarray(0, this.#filled);
  }
}
