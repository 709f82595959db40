/** Makes a segment of messages: its blocks, its index, its directory. */
import { type PlacedMessage, searchedText } from '../message.ts';
import { authorWord, wordsOf } from '../words.ts';
import { ByteWriter } from './bytes.ts';
import { type Directory, encodeDirectory, messagesPerTimeBlock } from './directory.ts';
import { sortedInTurns } from './in-turns.ts';
import { encodeMore } from './message-row.ts';

/** A block is full when it has so many bytes. */
const fullBlockBytes = 16 * 1024;
/** How many messages are encoded or indexed before other work goes on. */
const messagesPerTurn = 256;
/** How many words are encoded before other work goes on. */
const wordsPerTurn = 4096;

/** Lets other work go on. */
type Turn = () => Promise<void>;

/** A segment that is to be written. */
export interface NewSegment {
  /** All blocks; the last one is the directory. */
  readonly blocks: readonly Uint8Array[];
  /** How many bytes the blocks have together. */
  readonly bytes: number;
  /** The size of the directory. */
  readonly directoryBytes: number;
}

const encoder = new TextEncoder();

/** Cuts messages into blocks: authors once, then a row for each message. */
async function messageBlocks(messages: readonly PlacedMessage[], turn: Turn) {
  const blocks: Uint8Array[] = [];
  const rows: Directory['messages'] = [];
  let authors: [string, string][] = [];
  let numbers = new Map<string, number>();
  let kept: unknown[] = [];
  let size = 0;
  let first = 0;
  const end = (next: number) => {
    const before = messages[first];
    if (before === undefined || kept.length === 0) return;
    const block = encoder.encode(JSON.stringify({ authors, messages: kept }));
    blocks.push(block);
    rows.push([first, before.stream, before.seq, block.length]);
    [authors, numbers, kept, size, first] = [[], new Map(), [], 0, next];
  };
  for (const [index, message] of messages.entries()) {
    const { stream, seq, user, fingerprint, at, readAt, text, hash = '' } = message;
    if (index % messagesPerTurn === messagesPerTurn - 1) await turn();
    const author = `${fingerprint} ${user}`;
    const number = numbers.get(author) ?? authors.length;
    if (number === authors.length) {
      numbers.set(author, number);
      authors.push([user, fingerprint]);
    }
    const more = encodeMore(message);
    kept.push([stream, seq, number, at, readAt, text, hash, more]);
    size += text.length + hash.length + more.length + 52;
    if (size >= fullBlockBytes) end(index + 1);
  }
  end(messages.length);
  return { blocks, rows };
}

async function timeBlocks(messages: readonly PlacedMessage[], turn: Turn) {
  const blocks: Uint8Array[] = [];
  const rows: Directory['times'] = [];
  for (let first = 0; first < messages.length; first += messagesPerTimeBlock) {
    if (first > 0) await turn();
    const part = messages.slice(first, first + messagesPerTimeBlock);
    const view = new DataView(new ArrayBuffer(part.length * 16));
    for (const [index, { at, seq }] of part.entries()) {
      view.setFloat64(index * 16, at);
      view.setFloat64(index * 16 + 8, seq);
    }
    blocks.push(new Uint8Array(view.buffer));
    rows.push([part.reduce((latest, { at }) => Math.max(latest, at), Number.MIN_SAFE_INTEGER), view.byteLength]);
  }
  return { blocks, rows };
}

/** Orders words by their UTF-16 units, as `<` does. */
const byUnits = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

async function wordBlocks(messages: readonly PlacedMessage[], turn: Turn) {
  const found = new Map<string, number[]>();
  const add = (word: string, number: number) => {
    const numbers = found.get(word);
    if (numbers === undefined) found.set(word, [number]);
    else numbers.push(number);
  };
  for (const [number, message] of messages.entries()) {
    if (number % messagesPerTurn === messagesPerTurn - 1) await turn();
    add(authorWord(message.user), number);
    for (const word of wordsOf(searchedText(message))) add(word, number);
  }
  const blocks: Uint8Array[] = [];
  const rows: Directory['words'] = [];
  const writer = new ByteWriter();
  const postings = new ByteWriter();
  let first: string | null = null;
  const end = () => {
    if (first === null) return;
    const block = writer.take();
    blocks.push(block);
    rows.push([first, block.length]);
    first = null;
  };
  const words = await sortedInTurns([...found.keys()], byUnits, turn);
  for (const [index, word] of words.entries()) {
    if (index % wordsPerTurn === wordsPerTurn - 1) await turn();
    let last = 0;
    for (const number of found.get(word) ?? []) {
      postings.number(number - last);
      last = number;
    }
    first ??= word;
    writer.bytes(encoder.encode(word));
    writer.bytes(postings.take());
    if (writer.length >= fullBlockBytes) end();
  }
  end();
  return { blocks, rows };
}

function streamRows(messages: readonly PlacedMessage[]): Directory['streams'] {
  const rows: Directory['streams'] = [];
  for (const [number, { stream, seq, readAt }] of messages.entries()) {
    const row = rows.at(-1);
    if (row?.[0] !== stream) rows.push([stream, number, 1, seq, seq, readAt]);
    else {
      row[2] += 1;
      row[4] = seq;
      row[5] = Math.min(row[5], readAt);
    }
  }
  return rows;
}

/**
 * Makes a segment.
 *
 * @param messages one or more, ordered by `byPlace`
 * @param turn lets other work go on
 */
export async function makeSegment(messages: readonly PlacedMessage[], turn: Turn): Promise<NewSegment> {
  const kept = await messageBlocks(messages, turn);
  const times = await timeBlocks(messages, turn);
  const words = await wordBlocks(messages, turn);
  const directory = encodeDirectory({
    messages: kept.rows,
    times: times.rows,
    words: words.rows,
    streams: streamRows(messages),
  });
  const blocks = [...kept.blocks, ...times.blocks, ...words.blocks, directory];
  const bytes = blocks.reduce((sum, block) => sum + block.length, 0);
  return { blocks, bytes, directoryBytes: directory.length };
}
