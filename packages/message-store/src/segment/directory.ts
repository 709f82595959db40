/**
 * The directory of a segment: which blocks it has, and what is where. It is the last block of the file, as JSON.
 *
 * A segment has three kinds of blocks. Message blocks have the messages, ordered by stream and position; the number of a message in this
 * order is its place in the postings. Time blocks have the time and the position of each message, to order hits without reading
 * them. Word blocks have the words, ordered, each with the numbers of the messages that have it.
 */
import { isTuples } from './decoded.ts';

/** The directory of a segment. All numbers but times are integers from 0 on. */
export interface Directory {
  /** For each message block: the number of its first message, that message's stream and position, and the size in bytes. */
  messages: [first: number, stream: number, seq: number, bytes: number][];
  /** For each time block: the latest time in it, and the size in bytes. */
  times: [latest: number, bytes: number][];
  /** For each word block: its first word, and the size in bytes. */
  words: [first: string, bytes: number][];
  /** For each stream: its number, the number of its first message, how many it has, the first and last position, and the earliest `readAt`. */
  streams: StreamRow[];
}

type StreamRow = [
  stream: number,
  first: number,
  count: number,
  firstSeq: number,
  lastSeq: number,
  oldestReadAt: number,
];

/** How many messages a time block covers. */
export const messagesPerTimeBlock = 4096;

/** The part of a segment that one stream has. */
export interface StreamPart {
  readonly stream: number;
  /** The number of its first message. */
  readonly first: number;
  readonly count: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The earliest time at which one of its messages was read. */
  readonly oldestReadAt: number;
}

/** Encodes a directory. */
export const encodeDirectory = (directory: Directory): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(directory));

/**
 * Decodes a directory. Who has altered the file has failed before: this finds one of another version.
 *
 * @throws SyntaxError, TypeError
 */
export function decodeDirectory(bytes: Uint8Array): Directory {
  const directory: Record<keyof Directory, unknown> = JSON.parse(new TextDecoder().decode(bytes));
  const { messages, times, words, streams } = directory;
  const isDirectory =
    isTuples(messages, ['number', 'number', 'number', 'number']) &&
    isTuples(times, ['number', 'number']) &&
    isTuples(words, ['string', 'number']) &&
    isTuples(streams, ['number', 'number', 'number', 'number', 'number', 'number']);
  if (!isDirectory) throw new TypeError('The block is no directory.');
  return directory as unknown as Directory;
}

/** Returns the parts of a segment's streams, in their order. */
export const partsOf = ({ streams }: Directory): readonly StreamPart[] =>
  streams.map(([stream, first, count, firstSeq, lastSeq, oldestReadAt]) => ({
    ...{ stream, first, count, firstSeq, lastSeq, oldestReadAt },
  }));

/** Returns the index of the last row for which `isBefore` holds, of rows of which those for which it holds come first; -1 for none. */
export function lastIndex<T>(rows: readonly T[], isBefore: (row: T) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(rows[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
