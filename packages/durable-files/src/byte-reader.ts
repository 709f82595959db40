/** Reads a file that arrives in pieces: by lines, and by numbers of bytes. */

/** A source of bytes that is read from its beginning to its end. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #damaged: () => Error;
  #rest: Buffer = Buffer.alloc(0);

  /** @param damaged returns the error to throw when the source ends too early, or a line is too long */
  constructor(source: AsyncIterable<Uint8Array>, damaged: () => Error) {
    this.#source = source[Symbol.asyncIterator]();
    this.#damaged = damaged;
  }

  /** Returns the next line without its end; null at the end of the source. Throws for a line of more bytes, or without an end. */
  async line(maxBytes: number): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end > maxBytes || (end === -1 && this.#rest.length > maxBytes)) throw this.#damaged();
      if (end !== -1) {
        const line = this.#rest.subarray(0, end).toString();
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      if (await this.#more()) continue;
      if (this.#rest.length > 0) throw this.#damaged();
      return null;
    }
  }

  /** Yields the next bytes, so many of them. Throws when there are fewer. */
  async *take(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) throw this.#damaged();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<boolean> {
    const { value, done = false } = await this.#source.next();
    if (!done) this.#rest = Buffer.concat([this.#rest, value]);
    return !done;
  }
}
