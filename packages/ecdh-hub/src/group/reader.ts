/** Reads fields from the front of a byte string, and never past its end. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** A position in a byte string. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #code: HubErrorCode;
  #offset = 0;

  /** @param code the code of the error if the bytes end too early or too late */
  constructor(bytes: Uint8Array, code: HubErrorCode) {
    this.#bytes = bytes;
    this.#code = code;
  }

  /** Returns the next `size` bytes, in memory of their own. */
  take(size: number): Uint8Array {
    const end = this.#offset + size;
    if (end > this.#bytes.length) throw new HubError(this.#code, 'these bytes end too early: they are cut');
    const taken = new Uint8Array(this.#bytes.subarray(this.#offset, end));
    this.#offset = end;
    return taken;
  }

  /** Returns the next `size` bytes, at most 4, as a big-endian number. */
  unsigned(size: number): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Reads a count in two bytes, then as many items. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.unsigned(2); left > 0; left--) items.push(item());
    return items;
  }

  /** Throws unless all bytes have been read. */
  end(): void {
    if (this.#offset !== this.#bytes.length) throw new HubError(this.#code, 'bytes follow the end: they are extended');
  }
}
