/**
 * Reads deterministic CBOR, and refuses every encoding of a value but the one that the writer makes, while it reads: a second look at
 * the bytes, or a second encoding, would double the cost of each frame.
 */
import { toBase64url, toHex } from '../bytes.ts';
import { base64urlTag, hexTag, maxDepth, maxKeyBytes, tagOf } from './form.ts';

const uint32 = 2 ** 32;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const refusal = (reason: string): Error => new Error(`not the deterministic encoding: ${reason}`);

/** A short text that was read, and its bytes. */
interface KnownText {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Keys and names come again in every frame. Each place holds the latest text of those that share it. */
const knownTexts: (KnownText | undefined)[] = new Array(512);

/** Reads the values in these bytes, one after another. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw refusal('bytes follow the value');
  }

  value(depth: number): unknown {
    const head = this.#byte();
    switch (head >> 5) {
      case 0:
        return this.#argument(head);
      case 1:
        return this.#negative(head);
      case 2:
        // A copy, so that it does not keep the chunk that it came with in memory.
        return new Uint8Array(this.#take(this.#argument(head)));
      case 3:
        return this.#text(this.#argument(head));
      case 4:
        return this.#array(this.#argument(head), depth);
      case 5:
        return this.#map(this.#argument(head), depth);
      case 6:
        return this.#tagged(head);
      default:
        return simple(head);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw refusal('it is cut off');
    return byte;
  }

  #uint(size: number): number {
    let value = 0;
    for (let count = 0; count < size; count++) value = value * 256 + this.#byte();
    return value;
  }

  /** Reads the argument of a head, which MUST have its shortest form and be at most 2^53 - 1. */
  #argument(head: number): number {
    const minor = head & 31;
    if (minor < 24) return minor;
    if (minor > 27) throw refusal('an indefinite length');
    const value = this.#uint(1 << (minor - 24));
    const least = minor === 24 ? 24 : minor === 25 ? 2 ** 8 : minor === 26 ? 2 ** 16 : uint32;
    if (value < least) throw refusal('a number in a longer form than it needs');
    if (value > Number.MAX_SAFE_INTEGER) throw refusal('a number beyond 2^53 - 1');
    return value;
  }

  #negative(head: number): number {
    const value = -1 - this.#argument(head);
    if (value < Number.MIN_SAFE_INTEGER) throw refusal('a number beyond -2^53 + 1');
    return value;
  }

  /** Returns the next bytes, without a copy. */
  #take(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw refusal('it is cut off');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }

  #text(length: number): string {
    if (length <= maxKeyBytes) return this.#shortText(length);
    const text = strict.decode(this.#take(length));
    if (tagOf(text) !== null) throw refusal('a text that must be bytes with a tag');
    return text;
  }

  /** Reads a text that is too short for a tag. */
  #shortText(length: number): string {
    const start = this.#at;
    const bytes = this.#bytes;
    const place = (31 * length + 7 * (bytes[start] ?? 0) + 17 * (bytes[start + (length >> 1)] ?? 0)) & 511;
    const known = knownTexts[place];
    if (known !== undefined && known.bytes.length === length && this.#startsWith(known.bytes)) {
      this.#at = start + length;
      return known.text;
    }
    const taken = new Uint8Array(this.#take(length));
    const text = strict.decode(taken);
    knownTexts[place] = { text, bytes: taken };
    return text;
  }

  #startsWith(expected: Uint8Array): boolean {
    const start = this.#at;
    for (let index = 0; index < expected.length; index++) {
      if (this.#bytes[start + index] !== expected[index]) return false;
    }
    return true;
  }

  #tagged(head: number): string {
    const tag = this.#argument(head);
    if (tag !== hexTag && tag !== base64urlTag) throw refusal('an unknown tag');
    const inner = this.#byte();
    if (inner >> 5 !== 2) throw refusal('a tag for the text form of bytes before something else');
    const bytes = this.#take(this.#argument(inner));
    const text = tag === hexTag ? toHex(bytes) : toBase64url(bytes);
    if (tagOf(text) !== tag) throw refusal('a tag that its text does not have');
    return text;
  }

  /** @param length MUST not exceed the bytes that are left, as each value has one: so no short frame makes a long loop */
  #array(length: number, depth: number): unknown[] {
    this.#requireItems(length, depth);
    const values: unknown[] = [];
    for (let count = 0; count < length; count++) values.push(this.value(depth + 1));
    return values;
  }

  #map(size: number, depth: number): Record<string, unknown> {
    this.#requireItems(2 * size, depth);
    const map: Record<string, unknown> = {};
    let before = this.#at;
    for (let count = 0; count < size; count++) {
      const start = this.#at;
      const key = this.#key();
      if (count > 0 && !this.#isAfter(before, start)) throw refusal('keys that are not in order, or a key twice');
      before = start;
      const value = this.value(depth + 1);
      // An assignment to this key would set the prototype.
      if (key === '__proto__')
        Object.defineProperty(map, key, { value, configurable: true, enumerable: true, writable: true });
      else map[key] = value;
    }
    return map;
  }

  #key(): string {
    const head = this.#byte();
    if (head >> 5 !== 3) throw refusal('a key that is not a text');
    const length = this.#argument(head);
    if (length > maxKeyBytes) throw refusal(`a key of more than ${maxKeyBytes} bytes`);
    return this.#shortText(length);
  }

  #requireItems(count: number, depth: number): void {
    if (depth === maxDepth) throw refusal(`more than ${maxDepth} levels`);
    if (count > this.#bytes.length - this.#at) throw refusal('it is cut off');
  }

  /** Returns whether the key at `start`, which ends here, comes after the one at `before`. No encoding begins with another one. */
  #isAfter(before: number, start: number): boolean {
    for (let index = 0; start + index < this.#at; index++) {
      const difference = (this.#bytes[start + index] ?? 0) - (this.#bytes[before + index] ?? 0);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }
}

function simple(head: number): boolean | null {
  if (head === 0xf4) return false;
  if (head === 0xf5) return true;
  if (head === 0xf6) return null;
  throw refusal('a value that no object of the protocol has');
}

/**
 * Decodes a value.
 *
 * @throws Error when these bytes are not the one encoding of a value
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  reader.end();
  return value;
}
