/** Keeps what was read last, up to a number of bytes. */

/** Values by name, the least recently used first. */
export class BlockCache {
  readonly #maxBytes: number;
  readonly #values = new Map<string, { readonly value: unknown; readonly bytes: number }>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns a value, from the cache or from `make`.
   *
   * @param bytes about how much memory the value takes
   */
  async get<T>(name: string, bytes: number, make: () => Promise<T>): Promise<T> {
    const found = this.#values.get(name);
    if (found !== undefined) {
      this.#values.delete(name);
      this.#values.set(name, found);
      return found.value as T;
    }
    const value = await make();
    if (!this.#values.has(name)) {
      this.#values.set(name, { value, bytes });
      this.#bytes += bytes;
    }
    for (const [oldest, { bytes: freed }] of this.#values) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#values.delete(oldest);
      this.#bytes -= freed;
    }
    return value;
  }
}
