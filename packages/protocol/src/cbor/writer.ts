/**
 * Writes deterministic CBOR (RFC 8949, section 4.2.1) of what the protocol's objects consist of: maps with texts as keys, arrays, texts,
 * byte strings, whole numbers, true, false and null.
 */
import { fromBase64url, fromHex, utf8 } from '../bytes.ts';
import { hexTag, maxDepth, maxKeyBytes, tagOf } from './form.ts';

/** The first three bits of an item: its major type. */
const major = { unsigned: 0x00, negative: 0x20, bytes: 0x40, text: 0x60, array: 0x80, map: 0xa0, tag: 0xc0 } as const;

const uint32 = 2 ** 32;
/** Texts up to this length are written one character after another, which is quicker than a call of the encoder. */
const shortTextLength = 64;

/** Returns a negative number when `a` comes before `b`, as the keys of a map are ordered. */
function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A field of a map, with its key as it is written. */
interface Field {
  readonly key: Uint8Array;
  readonly value: unknown;
}

/** Inserts a field in the order of keys. An object has few fields, which are mostly in some order: this is quicker than a sort. */
function insert(fields: Field[], field: Field): void {
  let place = fields.length;
  for (; place > 0; place--) {
    const before = fields[place - 1];
    if (before === undefined || compare(before.key, field.key) < 0) break;
    fields[place] = before;
  }
  fields[place] = field;
}

/** Writes values one after another into a buffer that grows. */
class Writer {
  bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  value(value: unknown, depth: number): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') this.#byte(value ? 0xf5 : 0xf4);
    else if (value === null) this.#byte(0xf6);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (typeof value !== 'object') throw new TypeError(`no object of the protocol holds a ${typeof value}`);
    else if (depth === maxDepth) throw new RangeError(`objects are at most ${maxDepth} deep`);
    else if (Array.isArray(value)) this.#array(value, depth);
    else this.#map(value, depth);
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number below 2^53`);
    if (value < 0) this.#head(major.negative, -1 - value);
    else this.#head(major.unsigned, value);
  }

  #text(text: string): void {
    const tag = tagOf(text);
    if (tag !== null) {
      this.#head(major.tag, tag);
      this.#bytes(tag === hexTag ? fromHex(text) : fromBase64url(text));
    } else if (text.length > shortTextLength || !this.#ascii(text)) {
      this.#raw(major.text, utf8(text));
    }
  }

  /** Returns false, and writes nothing, when the text is not ASCII. */
  #ascii(text: string): boolean {
    const start = this.at;
    this.#head(major.text, text.length);
    this.#reserve(text.length);
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.at = start;
        return false;
      }
      this.bytes[this.at++] = code;
    }
    return true;
  }

  #bytes(bytes: Uint8Array): void {
    this.#raw(major.bytes, bytes);
  }

  #array(values: readonly unknown[], depth: number): void {
    this.#head(major.array, values.length);
    for (const value of values) this.value(value, depth + 1);
  }

  #map(map: object, depth: number): void {
    const fields: Field[] = [];
    for (const key of Object.keys(map)) {
      const value = (map as Record<string, unknown>)[key];
      if (value !== undefined) insert(fields, { key: keyBytes(key), value });
    }
    this.#head(major.map, fields.length);
    for (const { key, value } of fields) {
      this.#set(key);
      this.value(value, depth + 1);
    }
  }

  #raw(type: number, bytes: Uint8Array): void {
    this.#head(type, bytes.length);
    this.#set(bytes);
  }

  #set(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.bytes[this.at++] = value;
  }

  /** Writes a type and its argument in the shortest form. */
  #head(type: number, argument: number): void {
    if (argument < 24) this.#byte(type | argument);
    else if (argument < 2 ** 8) this.#argument(type | 24, argument, 1);
    else if (argument < 2 ** 16) this.#argument(type | 25, argument, 2);
    else if (argument < uint32) this.#argument(type | 26, argument, 4);
    else {
      this.#argument(type | 27, Math.floor(argument / uint32), 4);
      this.#big(argument % uint32, 4);
    }
  }

  #argument(head: number, value: number, size: number): void {
    this.#byte(head);
    this.#big(value, size);
  }

  /** Writes a number of up to 32 bits, the highest byte first. */
  #big(value: number, size: number): void {
    this.#reserve(size);
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.bytes[this.at++] = value >>> shift;
  }

  #reserve(length: number): void {
    const needed = this.at + length;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}

/** The keys of the protocol's objects are fewer. Others are encoded each time. */
const maxKnownKeys = 512;
const knownKeys = new Map<string, Uint8Array>();

/** Returns a key as it is written. */
function keyBytes(key: string): Uint8Array {
  const known = knownKeys.get(key);
  if (known !== undefined) return known;
  const text = utf8(key);
  if (text.length > maxKeyBytes) throw new RangeError(`a key has at most ${maxKeyBytes} bytes`);
  const writer = new Writer(new Uint8Array(2 + text.length), 0);
  writer.value(key, 0);
  const bytes = writer.bytes.slice(0, writer.at);
  if (knownKeys.size < maxKnownKeys) knownKeys.set(key, bytes);
  return bytes;
}

const firstBufferBytes = 4 * 1024;
/** Most frames have at most 64 KiB. A buffer that grew beyond is not kept. */
const maxKeptBytes = 128 * 1024;
/** The buffer for the next value; null while one is written. */
let spare: Uint8Array | null = null;

/**
 * Encodes a value. Properties that are undefined are left out, as in JSON.
 *
 * @param prefixBytes zeros before the encoding, for the caller to fill. Default: 0
 * @throws Error for a number that is not whole, for what JSON does not have except byte strings, and for a value that is too deep
 */
export function encodeCbor(value: unknown, prefixBytes = 0): Uint8Array {
  const writer = new Writer(spare ?? new Uint8Array(firstBufferBytes), prefixBytes);
  spare = null;
  writer.value(value, 0);
  const encoded = writer.bytes.slice(0, writer.at).fill(0, 0, prefixBytes);
  if (writer.bytes.length <= maxKeptBytes) spare = writer.bytes;
  return encoded;
}
