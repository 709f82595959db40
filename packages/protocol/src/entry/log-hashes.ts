/**
 * The log hashes of a log's latest positions, with which author views are compared: 32 bytes each in one buffer. A value never changes;
 * the one that follows it shares the buffer and writes behind its end, so that an entry costs no copy.
 */
import { fromBase64url, fromHex, toBase64url, toHex } from '../bytes.ts';
import { limits } from '../limits.ts';

const hashBytes = 32;
/** A view may be this many positions before its entry; the entry itself has a log hash too. */
const kept = limits.messageViewEntries + 1;
/** What is stored: enough to compare every view that a decision may name. */
const stored = limits.viewEntries + 1;
/** Hashes for which a full buffer gets space at once. Until then the oldest of them stay in memory. */
const spaceAhead = 1_024;
/** Fewer than these are written behind the others, more than these into a buffer of their own. */
const fewHashes = 64;
const lost = '0'.repeat(2 * hashBytes);

/** Bytes that several values share. */
interface Shared {
  readonly bytes: Uint8Array;
  /** Number of hashes that were written, by the value that has gone furthest. */
  used: number;
}

/** Log hashes up to the latest position. */
export class LogHashes {
  /** No hashes. */
  static readonly none = new LogHashes({ bytes: new Uint8Array(0), used: 0 }, 0);

  readonly #shared: Shared;
  /** Number of hashes in the buffer up to the latest one of this value. */
  readonly #end: number;

  private constructor(shared: Shared, end: number) {
    this.#shared = shared;
    this.#end = end;
  }

  /** Returns these hashes, of which the last one belongs to the latest position. Null stands for one that is lost. */
  static of(hashes: readonly (string | null)[]): LogHashes {
    const latest = hashes.slice(-kept);
    const bytes = new Uint8Array(hashBytes * latest.length);
    for (const [index, hash] of latest.entries()) bytes.set(fromHex(hash ?? lost), hashBytes * index);
    return new LogHashes({ bytes, used: latest.length }, latest.length);
  }

  /**
   * Returns what `toJSON` gave, or the array of hex texts that states had before.
   *
   * @throws Error for anything else
   */
  static parse(json: unknown): LogHashes {
    if (Array.isArray(json)) return LogHashes.of(json);
    const bytes = json === '' ? new Uint8Array(0) : fromBase64url(String(json));
    if (bytes.length % hashBytes !== 0) throw new Error('the text is not of whole hashes');
    const count = bytes.length / hashBytes;
    return new LogHashes({ bytes, used: count }, count);
  }

  /** Number of hashes. */
  get length(): number {
    return Math.min(this.#end, kept);
  }

  /** Returns the hashes with that of one more position. */
  push(hash: string): LogHashes {
    return this.#push(fromHex(hash));
  }

  #push(hash: Uint8Array): LogHashes {
    const shared = this.#space();
    const end = shared === this.#shared ? this.#end : shared.used;
    shared.bytes.set(hash, hashBytes * end);
    shared.used = end + 1;
    return new LogHashes(shared, end + 1);
  }

  /** Returns the hashes with those of further positions, of 32 bytes each, one after another. */
  pushAll(hashes: Uint8Array): LogHashes {
    const added = hashes.subarray(Math.max(0, hashes.length - hashBytes * kept));
    const count = added.length / hashBytes;
    if (count < fewHashes) {
      let all: LogHashes = this;
      for (let at = 0; at < added.length; at += hashBytes) all = all.#push(added.subarray(at, at + hashBytes));
      return all;
    }
    const before = Math.min(this.#end, kept - count);
    const bytes = new Uint8Array(hashBytes * (before + count));
    bytes.set(this.#shared.bytes.subarray(hashBytes * (this.#end - before), hashBytes * this.#end));
    bytes.set(added, hashBytes * before);
    return new LogHashes({ bytes, used: before + count }, before + count);
  }

  /**
   * Returns a hash.
   *
   * @param behind number of positions before the latest one
   * @returns null for one that is lost; undefined for one that is not kept
   */
  before(behind: number): string | null | undefined {
    if (behind < 0 || behind >= this.length) return undefined;
    const start = hashBytes * (this.#end - 1 - behind);
    const hash = toHex(this.#shared.bytes.subarray(start, start + hashBytes));
    return hash === lost ? null : hash;
  }

  /** Returns the hashes that are stored, which are fewer than those in memory: a state is stored as a whole after each change. */
  toJSON(): string {
    const count = Math.min(this.#end, stored);
    return toBase64url(this.#shared.bytes.subarray(hashBytes * (this.#end - count), hashBytes * this.#end));
  }

  /** Returns a buffer with a free place behind the latest hash: a new one when this one is full or another value has gone on in it. */
  #space(): Shared {
    const { bytes, used } = this.#shared;
    if (used === this.#end && hashBytes * used < bytes.length) return this.#shared;
    const count = Math.min(this.#end, kept - 1);
    const larger = new Uint8Array(hashBytes * (count + Math.min(Math.max(count, 16), spaceAhead)));
    larger.set(bytes.subarray(hashBytes * (this.#end - count), hashBytes * this.#end));
    return { bytes: larger, used: count };
  }
}
