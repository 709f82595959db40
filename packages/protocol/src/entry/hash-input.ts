/**
 * What an entry hash or a log hash covers, in one buffer. A hash is computed as soon as its input is complete, so all short inputs are
 * written into the same buffer.
 */
import { allocate, putHex, putUint32, sha256Hex } from '../bytes.ts';

/** Nearly all messages have fewer bytes. A longer input gets a buffer of its own. */
const sharedBytes = 4 * 1024;
const shared = allocate(sharedBytes);
const uint32 = 2 ** 32;

/** Writes the parts of one input one after another. The next input overwrites them. */
export class HashInput {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** @param length bytes of all parts together */
  constructor(length: number) {
    this.#bytes = length > sharedBytes ? allocate(length) : shared.subarray(0, length);
  }

  raw(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** @throws Error when the text is not hex of whole bytes */
  hex(text: string): this {
    putHex(text, this.#bytes, this.#at);
    this.#at += text.length / 2;
    return this;
  }

  /** Writes a whole number below 2^53 in eight bytes. */
  uint64(value: number): this {
    putUint32(this.#bytes, this.#at, value / uint32);
    putUint32(this.#bytes, this.#at + 4, value);
    this.#at += 8;
    return this;
  }

  /** Returns the SHA-256 of the whole input in lower-case hex. */
  sha256Hex(): string {
    return sha256Hex(this.#bytes);
  }
}
