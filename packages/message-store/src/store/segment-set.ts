/**
 * The segments of a store. A segment is written before the state names it, and its file is removed after a state has been stored that does not
 * name it any more: whichever state a crash leaves, its files are there.
 */

import { withoutRepeated } from '../changes.ts';
import type { SegmentFiles } from '../files/segment-files.ts';
import { byPlace, type PlacedMessage } from '../message.ts';
import { BlockCache } from '../segment/block-cache.ts';
import { sortedInTurns } from '../segment/in-turns.ts';
import { type SegmentName, SegmentReader } from '../segment/segment-reader.ts';
import { makeSegment } from '../segment/segment-writer.ts';

/** Memory for what was read last. */
const cacheBytes = 24 * 1024 * 1024;

/** What a set of segments needs. */
export interface SegmentSetOptions {
  readonly files: SegmentFiles;
  /** Returns random bytes. */
  random(bytes: number): Uint8Array;
  /** Lets other work go on. */
  turn(): Promise<void>;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** The segments of one store. */
export class SegmentSet {
  readonly #options: SegmentSetOptions;
  readonly #cache = new BlockCache(cacheBytes);
  #names: readonly SegmentName[];
  /** The files that were replaced, with the number of the change that did it. */
  readonly #replaced = new Map<string, number>();
  /** Files that are written and not named yet. */
  readonly #writing = new Set<string>();
  #changes = 0;
  /** True until the files that a crash or a failed write may have left were removed. */
  #isUnswept = true;

  constructor(options: SegmentSetOptions, names: readonly SegmentName[]) {
    this.#options = options;
    this.#names = names;
  }

  /** The names for the state, the oldest first. */
  get names(): readonly SegmentName[] {
    return this.#names;
  }

  /** The number of changes so far. A state that is taken now has them. */
  get changes(): number {
    return this.#changes;
  }

  /** Returns the segments, the oldest first. */
  readers(): readonly SegmentReader[] {
    return this.#names.map((name) => this.reader(name));
  }

  /** Returns the reader of one segment. */
  reader(name: SegmentName): SegmentReader {
    return new SegmentReader(name, this.#options.files, this.#cache);
  }

  /** Returns whether the segment is named still. A reader of another one may find its file gone. */
  has({ file }: Pick<SegmentName, 'file'>): boolean {
    return this.#names.some((name) => name.file === file);
  }

  /**
   * Writes messages as a segment, each once. It is not read before `replace` names it.
   *
   * @returns null for no messages
   * @throws Error of the system
   */
  async write(given: readonly PlacedMessage[]): Promise<SegmentName | null> {
    if (given.length === 0) return null;
    const { files, random, turn } = this.#options;
    const messages = withoutRepeated(await sortedInTurns(given, byPlace, turn));
    const { blocks, bytes, directoryBytes } = await makeSegment(messages, turn);
    const key = { file: hex(random(16)), key: base64url(random(32)) };
    this.#writing.add(key.file);
    try {
      await files.write(key, blocks);
    } catch (error) {
      this.#writing.delete(key.file);
      // The files remove what a failed write has left, unless the disk fails in that too.
      this.#isUnswept = true;
      throw error;
    }
    return {
      ...key,
      count: messages.length,
      bytes,
      blocks: blocks.length,
      directory: directoryBytes,
      latest: messages.reduce((latest, { at }) => Math.max(latest, at), Number.MIN_SAFE_INTEGER),
      streams: [...new Set(messages.map(({ stream }) => stream))],
      oldest: messages.reduce((oldest, { readAt }) => Math.min(oldest, readAt), Number.MAX_SAFE_INTEGER),
    };
  }

  /** Names a written segment in place of some that are named; null: in place of them comes nothing. */
  replace(old: readonly SegmentName[], written: SegmentName | null): void {
    const gone = new Set(old.map(({ file }) => file));
    const place = this.#names.findIndex(({ file }) => gone.has(file));
    const rest = this.#names.filter(({ file }) => !gone.has(file));
    this.#changes += 1;
    for (const file of gone) this.#replaced.set(file, this.#changes);
    if (written !== null) this.#writing.delete(written.file);
    const at = place === -1 ? rest.length : place;
    this.#names = written === null ? rest : [...rest.slice(0, at), written, ...rest.slice(at)];
  }

  /**
   * Removes the files of segments that were replaced. To be called when a state has been stored.
   *
   * @param changes the number of changes that the state has
   * @throws Error of the system for the first file that cannot be removed: the next call tries again
   */
  async removeReplaced(changes: number): Promise<void> {
    const due = [...this.#replaced].filter(([, change]) => change <= changes).map(([file]) => file);
    if (due.length === 0 && !this.#isUnswept) return;
    const isKept = (file: string) =>
      this.has({ file }) || this.#writing.has(file) || (this.#replaced.get(file) ?? changes) > changes;
    // A write that fails from here on sets it again.
    this.#isUnswept = false;
    try {
      await this.#options.files.removeOthers(isKept);
    } catch (error) {
      this.#isUnswept = true;
      throw error;
    }
    for (const file of due) this.#replaced.delete(file);
  }
}
