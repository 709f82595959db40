/** Reads one segment: parts of its messages, and the numbers of those that have some words. */
import { MessageStoreError } from '../errors.ts';
import type { Block, FileKey, SegmentFiles } from '../files/segment-files.ts';
import type { PlacedMessage } from '../message.ts';
import type { WantedWord } from '../words.ts';
import type { BlockCache } from './block-cache.ts';
import { ByteReader } from './bytes.ts';
import { type Directory, decodeDirectory, lastIndex, partsOf, type StreamPart } from './directory.ts';
import { decodeMessages } from './message-row.ts';

/** A segment as the store's state names it. */
export interface SegmentName extends FileKey {
  /** How many messages it has. */
  readonly count: number;
  /** How many bytes its blocks have together, unsealed. */
  readonly bytes: number;
  /** The number of blocks. The last one is the directory. */
  readonly blocks: number;
  /** The size of the directory in bytes. */
  readonly directory: number;
  /** The latest time of its messages, by their authors' clocks. */
  readonly latest: number;
  /** The numbers of the streams that have messages in it. */
  readonly streams: readonly number[];
  /** The earliest time at which the client read one of its messages. */
  readonly oldest: number;
}

/** Time and position of a message. */
export interface MessageTime {
  readonly at: number;
  readonly seq: number;
}

/** The kinds of blocks, in the order in which they stand in the file. */
type BlockKind = 'messages' | 'times' | 'words';

interface PlacedDirectory extends Directory {
  readonly places: Readonly<Record<BlockKind, readonly Block[]>>;
}

/** Returns a directory with the place of each block in the file. */
function withPlaces(directory: Directory): PlacedDirectory {
  let index = 0;
  let offset = 0;
  const place = (bytes: number): Block => {
    const block = { index, offset, bytes };
    index += 1;
    offset += bytes;
    return block;
  };
  const messages = directory.messages.map(([, , , bytes]) => place(bytes));
  const times = directory.times.map(([, bytes]) => place(bytes));
  const words = directory.words.map(([, bytes]) => place(bytes));
  return { ...directory, places: { messages, times, words } };
}

/** Memory that decoded JSON takes, for each byte. */
const memoryPerByte = 3;

/** One segment. All of its functions that read throw `missing`, `damaged` or `unreadable`, as the files do. */
export class SegmentReader {
  readonly name: SegmentName;
  readonly #files: SegmentFiles;
  readonly #cache: BlockCache;

  constructor(name: SegmentName, files: SegmentFiles, cache: BlockCache) {
    this.name = name;
    this.#files = files;
    this.#cache = cache;
  }

  /** Returns the parts of the streams, in the order of their numbers. @throws MessageStoreError */
  async parts(): Promise<readonly StreamPart[]> {
    return partsOf(await this.#directory());
  }

  /**
   * Returns messages of one stream, in their order: the last `limit` before a position, or the first after it.
   *
   * @throws MessageStoreError
   */
  async page(
    { first, count, stream }: StreamPart,
    bound: { readonly before: number } | { readonly after: number },
    limit: number,
  ): Promise<readonly PlacedMessage[]> {
    const { messages } = await this.#directory();
    const isEarlier = 'before' in bound;
    const seq = isEarlier ? bound.before : bound.after;
    const last = lastIndex(
      messages,
      ([, otherStream, otherSeq]) => otherStream < stream || (otherStream === stream && otherSeq < seq),
    );
    const found: PlacedMessage[] = [];
    const step = isEarlier ? -1 : 1;
    for (let index = Math.max(last, 0); index >= 0 && index < messages.length && found.length < limit; index += step) {
      const start = messages[index]?.[0] ?? 0;
      const end = messages[index + 1]?.[0] ?? this.name.count;
      if (isEarlier ? end <= first : start >= first + count) break;
      const block = (await this.messagesIn(index)).filter(
        (message) => message.stream === stream && (isEarlier ? message.seq < seq : message.seq > seq),
      );
      if (isEarlier) found.unshift(...block);
      else found.push(...block);
    }
    return isEarlier ? found.slice(-limit) : found.slice(0, limit);
  }

  /** Returns the message with a number. @throws MessageStoreError */
  async message(number: number): Promise<PlacedMessage> {
    const { messages } = await this.#directory();
    const index = lastIndex(messages, ([first]) => first <= number);
    const message = (await this.messagesIn(index))[number - (messages[index]?.[0] ?? 0)];
    if (message === undefined) throw this.#damaged();
    return message;
  }

  /** Returns the number of blocks of messages. @throws MessageStoreError */
  async messageBlocks(): Promise<number> {
    return (await this.#directory()).messages.length;
  }

  /**
   * Returns the messages of a block, in their order. All blocks together have all messages.
   *
   * @throws MessageStoreError
   */
  async messagesIn(index: number): Promise<readonly PlacedMessage[]> {
    const block = (await this.#directory()).places.messages[index];
    if (block === undefined) throw this.#damaged();
    // Decoded, because each hit of a search takes one message out of a block.
    return this.#cache.get(`${this.name.file} ${block.index}`, block.bytes * memoryPerByte, async () =>
      this.#decode(await this.#files.read(this.name, block), decodeMessages),
    );
  }

  /** Returns for each time block the latest time in it. Block `n` has the messages from `n * messagesPerTimeBlock` on. */
  async latestTimes(): Promise<readonly number[]> {
    return (await this.#directory()).times.map(([latest]) => latest);
  }

  /** Returns a function of the number of a message in a time block, counted from its first. @throws MessageStoreError */
  async times(index: number): Promise<(number: number) => MessageTime> {
    const { buffer, byteOffset, byteLength } = await this.#block('times', index);
    const view = new DataView(buffer, byteOffset, byteLength);
    return (number) => ({ at: view.getFloat64(number * 16), seq: view.getFloat64(number * 16 + 8) });
  }

  /** Returns the numbers of the messages that have a word, ascending. @throws MessageStoreError */
  async numbersOf({ word, isBeginning }: WantedWord): Promise<readonly number[]> {
    const { words } = await this.#directory();
    const found: (readonly number[])[] = [];
    const sought = new TextEncoder().encode(word);
    const start = Math.max(
      lastIndex(words, ([first]) => first <= word),
      0,
    );
    for (let index = start; index < words.length; index += 1) {
      const [first] = words[index] ?? [''];
      if (first > word && !(isBeginning && first.startsWith(word))) break;
      findInBlock(await this.#block('words', index), sought, isBeginning, found);
    }
    if (found.length <= 1) return found[0] ?? [];
    return [...new Set(found.flat())].sort((a, b) => a - b);
  }

  #damaged(cause?: unknown): MessageStoreError {
    return new MessageStoreError('damaged', `The file ${this.name.file} of the messages is damaged.`, { cause });
  }

  #directory(): Promise<PlacedDirectory> {
    const { file, bytes, blocks, directory } = this.name;
    return this.#cache.get(`${file} directory`, directory * memoryPerByte, async () => {
      const block = { index: blocks - 1, offset: bytes - directory, bytes: directory };
      return this.#decode(await this.#files.read(this.name, block), (read) => withPlaces(decodeDirectory(read)));
    });
  }

  async #block(kind: 'times' | 'words', index: number): Promise<Uint8Array> {
    const block = (await this.#directory()).places[kind][index];
    if (block === undefined) throw this.#damaged();
    return this.#cache.get(`${this.name.file} ${block.index}`, block.bytes, () => this.#files.read(this.name, block));
  }

  #decode<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T {
    try {
      return decode(bytes);
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }
}

/**
 * Adds to `found` the numbers of the messages that have a word of this block, or words with this beginning. It compares bytes: to decode all words of
 * the block takes longer than to read it.
 */
function findInBlock(block: Uint8Array, sought: Uint8Array, isBeginning: boolean, found: (readonly number[])[]): void {
  const reader = new ByteReader(block);
  while (!reader.isDone) {
    const word = reader.bytes();
    const distances = reader.bytes();
    if (isBeginning ? word.length < sought.length : word.length !== sought.length) continue;
    if (!sought.every((byte, index) => word[index] === byte)) continue;
    found.push(numbersOf(distances));
    if (!isBeginning) return;
  }
}

/** Returns the numbers of which these are the distances, ascending. */
function numbersOf(distances: Uint8Array): readonly number[] {
  const numbers: number[] = [];
  const rest = new ByteReader(distances);
  for (let last = 0; !rest.isDone; numbers.push(last)) last += rest.number();
  return numbers;
}
