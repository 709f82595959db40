/** Writes and reads the values of frames with a fixed layout. */
import { allocate, hexOf, putHex, putUint32 } from '../bytes.ts';
import { type EntryType, entryTypes, type SignedEntry } from '../entry/entry.ts';
import { wrapBytes } from '../entry/wrap-tree.ts';

/** Size of a hash. */
export const hashBytes = 32;
/** Size of the longest signature. */
export const maxSignatureBytes = 120;
/** The first number that four bytes do not hold. */
export const uint32 = 2 ** 32;

/** Writes values one after another. */
export class Writer {
  readonly bytes: Uint8Array;
  #at: number;

  /** @param prefix bytes to leave free at the start */
  constructor(length: number, kind: number, prefix = 4) {
    this.bytes = allocate(prefix + 1 + length);
    putUint32(this.bytes, 0, 1 + length);
    this.bytes[prefix] = kind;
    this.#at = prefix + 1;
  }

  byte(value: number): this {
    this.bytes[this.#at++] = value;
    return this;
  }

  uint32(value: number): this {
    putUint32(this.bytes, this.#at, value);
    this.#at += 4;
    return this;
  }

  uint48(value: number): this {
    const high = Math.floor(value / uint32);
    return this.byte(high >>> 8)
      .byte(high)
      .uint32(value);
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  hex(text: string): this {
    putHex(text, this.bytes, this.#at);
    this.#at += text.length / 2;
    return this;
  }

  entry({ type, by, signature, payload }: SignedEntry): this {
    this.byte(entryTypes.indexOf(type)).hex(by).byte(signature.length);
    return this.raw(signature).raw(payload);
  }
}

/** Reads values one after another. @throws Error when there are too few bytes, or a value is out of range */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 1;

  constructor(body: Uint8Array) {
    this.#bytes = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  uint32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  uint48(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2) * uint32 + this.uint32();
  }

  position(): number {
    const seq = this.uint48();
    if (seq === 0) throw new RangeError('positions count from 1');
    return seq;
  }

  /** Returns a copy of the rest, so that it does not keep the chunk that it came with in memory. */
  rest(): Uint8Array {
    const copy = new Uint8Array(this.#bytes.length - this.#at);
    copy.set(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return copy;
  }

  /** Returns the rest, at least one hash. */
  hashes(): Uint8Array {
    const length = this.#bytes.length - this.#at;
    if (length <= 0 || length % hashBytes !== 0) throw new RangeError('no whole hashes');
    return this.rest();
  }

  epoch(): number {
    const number = this.uint32();
    if (number === 0) throw new RangeError('epochs count from 1');
    return number;
  }

  /** Returns the rest, one wrap. */
  wrap(): Uint8Array {
    if (this.#bytes.length - this.#at !== wrapBytes) throw new RangeError('no wrap');
    return this.rest();
  }

  hex(length: number): string {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('too short');
    const text = hexOf(this.#bytes, this.#at, end);
    this.#at = end;
    return text;
  }

  entry(): SignedEntry {
    const type: EntryType | undefined = entryTypes[this.byte()];
    if (type === undefined) throw new RangeError('no such type');
    const by = this.hex(hashBytes);
    const length = this.byte();
    if (length === 0 || length > maxSignatureBytes) throw new RangeError('no such signature');
    if (this.#at + length > this.#bytes.length) throw new RangeError('too short');
    // Both in one copy: a buffer of its own costs more than the bytes of a signature.
    const rest = this.rest();
    return { type, payload: rest.subarray(length), by, signature: rest.subarray(0, length) };
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('too long');
  }
}
