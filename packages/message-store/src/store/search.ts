/** Search: the latest messages that have all words, from a place in the order on. */
import { areSame, joined } from '../changes.ts';
import type { PlacedMessage } from '../message.ts';
import { messagesPerTimeBlock } from '../segment/directory.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import type { WantedWord } from '../words.ts';

/** A place in the order of hits: by time, the latest first, and then by stream and position. */
export interface HitPlace {
  readonly at: number;
  readonly stream: number;
  readonly seq: number;
}

/** Orders hits, the latest first. */
export const byLatest = (a: HitPlace, b: HitPlace): number => b.at - a.at || b.stream - a.stream || b.seq - a.seq;

/** What is looked for. */
export interface Wanted {
  /** The message has all of these. */
  readonly words: readonly WantedWord[];
  /** The streams to look into. */
  readonly streams: ReadonlySet<number>;
  /** The hits come after this place. */
  readonly after: HitPlace;
}

/** A hit: its place, and how to read it. The reading returns null if its segment cannot be read. */
export interface Hit extends HitPlace {
  read(): Promise<PlacedMessage | null>;
}

/** Returns a hit that reads both copies of its message, if they are copies of one. */
const withCopy = ({ at, stream, seq, read }: Hit, other: Hit): Hit => ({
  ...{ at, stream, seq },
  read: async () => {
    const [first, second] = [await read(), await other.read()];
    if (first === null || second === null) return first ?? second;
    return areSame(first, second) ? joined(first, second) : first;
  },
});

/** Collects the first hits after a place. */
export class FirstHits {
  readonly #limit: number;
  readonly #hits: Hit[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get hits(): readonly Hit[] {
    return this.#hits;
  }

  /** The time below which a message cannot be among the first hits any more. */
  get earliest(): number {
    return this.#hits.length < this.#limit ? Number.NEGATIVE_INFINITY : (this.#hits.at(-1)?.at ?? 0);
  }

  add(hit: Hit): void {
    let low = 0;
    let high = this.#hits.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (byLatest(this.#hits[middle] as Hit, hit) < 0) low = middle + 1;
      else high = middle;
    }
    const next = this.#hits[low];
    // A message that was added again has the same place. One of its copies may be stale.
    if (next !== undefined && byLatest(next, hit) === 0) this.#hits[low] = withCopy(next, hit);
    if (low >= this.#limit || (next !== undefined && byLatest(next, hit) === 0)) return;
    this.#hits.splice(low, 0, hit);
    if (this.#hits.length > this.#limit) this.#hits.pop();
  }
}

/** Returns the numbers that are in all lists, which are ascending. */
function inAll(lists: readonly (readonly number[])[]): readonly number[] {
  const [shortest = [], ...others] = [...lists].sort((a, b) => a.length - b.length);
  return others.reduce<readonly number[]>((common, list) => {
    let next = 0;
    return common.filter((number) => {
      while (next < list.length && (list[next] as number) < number) next += 1;
      return list[next] === number;
    });
  }, shortest);
}

/**
 * Adds the hits of a segment.
 *
 * @param read reads the message with a number
 * @throws MessageStoreError if the segment cannot be read
 */
export async function searchSegment(
  segment: SegmentReader,
  wanted: Wanted,
  first: FirstHits,
  read: (number: number) => Promise<PlacedMessage | null>,
): Promise<void> {
  const isPast = (at: number) => at < first.earliest;
  if (isPast(segment.name.latest) || !segment.name.streams.some((stream) => wanted.streams.has(stream))) return;
  const parts = (await segment.parts()).filter(({ stream }) => wanted.streams.has(stream));
  if (parts.length === 0) return;
  const lists: (readonly number[])[] = [];
  for (const word of wanted.words) {
    const numbers = await segment.numbersOf(word);
    if (numbers.length === 0) return;
    lists.push(numbers);
  }
  const numbers = inAll(lists);
  const latest = await segment.latestTimes();
  // From the end: what is later has mostly the higher number.
  let part = parts.length - 1;
  for (let next = numbers.length - 1; next >= 0; ) {
    const block = Math.floor((numbers[next] as number) / messagesPerTimeBlock);
    const start = block * messagesPerTimeBlock;
    const isSkipped = isPast(latest[block] ?? 0);
    const times = isSkipped ? null : await segment.times(block);
    for (; next >= 0 && (numbers[next] as number) >= start; next -= 1) {
      if (times === null) continue;
      const number = numbers[next] as number;
      while (part > 0 && (parts[part]?.first ?? 0) > number) part -= 1;
      const { stream = 0, first: firstOfPart = 0, count = 0 } = parts[part] ?? {};
      if (number < firstOfPart || number >= firstOfPart + count) continue;
      const { at, seq } = times(number - start);
      const hit = { at, stream, seq, read: () => read(number) };
      if (!isPast(at) && byLatest(wanted.after, hit) < 0) first.add(hit);
    }
  }
}
