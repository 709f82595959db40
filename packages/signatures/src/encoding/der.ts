/**
 * DER (X.690, section 10), as much as keys and signatures use: one-byte tags, lengths to 65535, and no second spelling
 * of anything.
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

export const tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  context0: 0xa0,
  context1: 0xa1,
} as const;

/** Bytes that are not the DER looked for. Never leaves the library: each caller says what it means there. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Walks over the elements in some bytes. Every method throws `DerError` when they are not as it says. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Tag of the next element, undefined at the end. */
  get next(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Content of the next element, which must have this tag. A view, not a copy. */
  content(expected: number): Uint8Array {
    if (this.#byte() !== expected) throw new DerError('unexpected tag');
    const length = this.#length();
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new DerError('content is cut off');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader of the next element's content. */
  inside(expected: number): DerReader {
    return new DerReader(this.content(expected));
  }

  /** Big-endian magnitude of an INTEGER that is not negative, without leading zeros (empty for 0). */
  unsigned(): Uint8Array {
    const content = this.content(tag.integer);
    const [first, second] = content;
    if (first === undefined || first >= 0x80) throw new DerError('negative or empty integer');
    if (first === 0 && second !== undefined && second < 0x80) throw new DerError('integer with a needless zero');
    return first === 0 ? content.subarray(1) : content;
  }

  /** An INTEGER that is not negative, below 2^48. */
  number(): number {
    const magnitude = this.unsigned();
    if (magnitude.length > 6) throw new DerError('integer too large');
    return magnitude.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** An OBJECT IDENTIFIER's content in hexadecimal. */
  objectIdentifier(): string {
    return bytesToHex(this.content(tag.objectIdentifier));
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new DerError('bytes after the end');
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new DerError('cut off');
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size !== 1 && size !== 2) throw new DerError('length out of range');
    let length = 0;
    for (let read = 0; read < size; read++) length = length * 256 + this.#byte();
    if (length < (size === 1 ? 0x80 : 0x100)) throw new DerError('length not in its shortest form');
    return length;
  }
}

/** One element: tag, length, and the contents put together. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const { length } = content;
  if (length > 0xffff) throw new RangeError('DER content above 65535 bytes');
  const prefix = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...prefix), content);
}

export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(tag.sequence, ...contents);
}

/** An INTEGER from a magnitude, big-endian, with or without leading zeros. */
export function unsigned(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of() : magnitude.subarray(start);
  const zero = (digits[0] ?? 0x80) >= 0x80 ? Uint8Array.of(0) : Uint8Array.of();
  return element(tag.integer, zero, digits);
}

/** An INTEGER from a whole number from 0 to 2^32 - 1. */
export function number(value: number): Uint8Array {
  const magnitude = new Uint8Array(4);
  new DataView(magnitude.buffer).setUint32(0, value);
  return unsigned(magnitude);
}

export function octetString(content: Uint8Array): Uint8Array {
  return element(tag.octetString, content);
}

/** An OBJECT IDENTIFIER from its content in hexadecimal. */
export function objectIdentifier(hex: string): Uint8Array {
  return element(tag.objectIdentifier, hexToBytes(hex));
}
