/**
 * The part of DER (X.690, section 10) that keys and signatures use: tags of one byte, lengths up to 65,535, and exactly one
 * encoding of each value.
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

/** The tags of the elements that this package reads and writes. */
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

/** Thrown for bytes that are not the expected DER. It never leaves the package: each caller replaces it by its own error. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Reads elements one after the other. Every method throws `DerError` if the bytes are not what it reads. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The tag of the next element, or `null` at the end. */
  get next(): number | null {
    return this.#bytes[this.#at] ?? null;
  }

  /** Returns the content of the next element, which must have this tag. A view, not a copy. */
  content(expected: number): Uint8Array {
    if (this.#byte() !== expected) throw new DerError('unexpected tag');
    const length = this.#length();
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new DerError('content is cut off');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** Returns a reader of the next element's content. */
  inside(expected: number): DerReader {
    return new DerReader(this.content(expected));
  }

  /** Returns the big-endian magnitude of a non-negative INTEGER, without leading zeros (empty for 0). */
  unsigned(): Uint8Array {
    const content = this.content(tag.integer);
    const [first, second] = content;
    if (first === undefined || first >= 0x80) throw new DerError('negative or empty integer');
    if (first === 0 && second !== undefined && second < 0x80) throw new DerError('integer with a superfluous zero');
    return first === 0 ? content.subarray(1) : content;
  }

  /** Returns a non-negative INTEGER below 2^48. */
  number(): number {
    const magnitude = this.unsigned();
    if (magnitude.length > 6) throw new DerError('integer too large');
    return magnitude.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** Returns the content of an OBJECT IDENTIFIER in hexadecimal. */
  objectIdentifier(): string {
    return bytesToHex(this.content(tag.objectIdentifier));
  }

  /** Requires that no bytes follow. */
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

/** Encodes one element: tag, length, and the contents one after the other. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const { length } = content;
  if (length > 0xffff) throw new RangeError('DER content above 65535 bytes');
  const prefix = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...prefix), content);
}

/** Encodes a SEQUENCE. */
export function sequence(...contents: readonly Uint8Array[]): Uint8Array {
  return element(tag.sequence, ...contents);
}

/** Encodes an INTEGER from a big-endian magnitude with or without leading zeros. */
export function unsigned(magnitude: Uint8Array): Uint8Array {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? Uint8Array.of() : magnitude.subarray(start);
  const zero = (digits[0] ?? 0x80) >= 0x80 ? Uint8Array.of(0) : Uint8Array.of();
  return element(tag.integer, zero, digits);
}

/** Encodes an INTEGER from a whole number from 0 to 2^32 - 1. */
export function number(value: number): Uint8Array {
  const magnitude = new Uint8Array(4);
  new DataView(magnitude.buffer).setUint32(0, value);
  return unsigned(magnitude);
}

/** Encodes an OCTET STRING. */
export function octetString(content: Uint8Array): Uint8Array {
  return element(tag.octetString, content);
}

/** Encodes an OBJECT IDENTIFIER from its content in hexadecimal. */
export function objectIdentifier(hex: string): Uint8Array {
  return element(tag.objectIdentifier, hexToBytes(hex));
}
