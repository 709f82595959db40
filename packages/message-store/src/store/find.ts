/** Finds messages: pages of a room, and hits of a search, in the segments and in what is in none yet. */
import { type KeptMessage, type PlacedMessage, searchedText, withoutPlace } from '../message.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';
import {
  authorWord,
  hasPhrases,
  hasWords,
  type WantedPhrase,
  type WantedWord,
  wantedPhrases,
  wantedWords,
} from '../words.ts';
import { isKept, type Kept } from './alive.ts';
import { type PageBound, readPage, type SegmentPart } from './pages.ts';
import { byLatest, FirstHits, type HitPlace, searchSegment, type Wanted } from './search.ts';
import type { ReadOrNull, SegmentReads } from './segment-reads.ts';
import {
  type FoundMessage,
  maxSamePlace,
  type PageOptions,
  requireLimit,
  type SearchOptions,
  type SearchResult,
  withoutReadAt,
} from './store-options.ts';

/** Where messages are found. Both functions return what there is now. */
export interface Searched {
  readonly reads: SegmentReads;
  /** Returns the segments, the oldest first. */
  segments(): readonly SegmentReader[];
  /** Returns the messages that are in no segment. */
  tail(): readonly PlacedMessage[];
}

/** Returns the messages of a page of a stream that are kept, ordered by position: as many as there are, up to the limit. */
export function findPage(
  { reads, segments, tail }: Searched,
  stream: number,
  { before = Number.POSITIVE_INFINITY, after, limit = 50 }: PageOptions,
  kept: Kept,
): Promise<readonly KeptMessage[]> {
  const first: PageBound = after === undefined ? { before } : { after };
  const { from = 0 } = kept.get(stream) ?? {};
  return reads.whole(async (orNull) => {
    // What is taken out of the tail while the segments are read is in a segment that is not among them.
    const own = tail().filter((message) => message.stream === stream);
    const parts: SegmentPart[] = [];
    for (const segment of segments().filter(({ name }) => name.streams.includes(stream))) {
      const all = (await orNull(segment, () => segment.parts())) ?? [];
      for (const part of all) if (part.stream === stream) parts.push({ segment, part });
    }
    const pageFrom = (bound: PageBound) =>
      readPage({ tail: own, parts }, bound, limit, async ({ segment, part }) => {
        return (await orNull(segment, () => segment.page(part, bound, limit))) ?? [];
      });
    let found: readonly PlacedMessage[] = [];
    for (let bound = first; ; ) {
      const page = await pageFrom(bound);
      const isEarlier = 'before' in bound;
      const visible = page.filter((message) => isKept(kept, message));
      found = isEarlier ? [...visible, ...found].slice(-limit) : [...found, ...visible].slice(0, limit);
      const edge = isEarlier ? page.at(0) : page.at(-1);
      const isEnd = page.length < limit || edge === undefined || (isEarlier && edge.seq <= from);
      if (found.length === limit || isEnd) return found.map(withoutPlace);
      // What is to be erased is in a segment still: the page is filled up with what is kept.
      bound = isEarlier ? { before: edge.seq } : { after: edge.seq };
    }
  });
}

/** Returns the message with this hash at a position, or the last one there; null if it is not kept. */
export async function findMessage(
  searched: Searched,
  { stream, seq, hash }: { readonly stream: number; readonly seq: number; readonly hash: string | undefined },
  kept: Kept,
): Promise<KeptMessage | null> {
  if (!kept.has(stream)) return null;
  const found = await findPage(searched, stream, { after: seq - 1, limit: maxSamePlace }, kept);
  return found.findLast((message) => message.seq === seq && (hash === undefined || message.hash === hash)) ?? null;
}

/** What a search looks for. */
interface Search {
  readonly words: readonly WantedWord[];
  /** The index does not have them: they are sought in the messages that have the words. */
  readonly phrases: readonly WantedPhrase[];
  readonly user: string | undefined;
  readonly streams: ReadonlySet<number>;
  readonly after: HitPlace;
}

/** Returns what is looked for; null for words without letters and digits, if no author is given. */
function searchOf(
  { words, rooms, user, before = Number.POSITIVE_INFINITY, after }: SearchOptions,
  kept: Kept,
): Search | null {
  const wanted = wantedWords(words);
  if (wanted.length === 0 && (user === undefined || words.trim() !== '')) return null;
  const streams = new Set<number>();
  for (const [stream, { roomId }] of kept) if (rooms === undefined || rooms.includes(roomId)) streams.add(stream);
  const first: HitPlace = { at: before, stream: -1, seq: -1 };
  const start = after !== undefined && byLatest(first, after) < 0 ? after : first;
  return { words: wanted, phrases: wantedPhrases(words), user, streams, after: start };
}

/** A hit that was read. */
interface ReadHit {
  readonly place: HitPlace;
  /** Null if its segment cannot be read. */
  readonly message: PlacedMessage | null;
}

async function firstHits(
  { segments, tail }: Searched,
  { words, user, streams, after }: Search,
  limit: number,
  orNull: ReadOrNull,
): Promise<readonly ReadHit[]> {
  const first = new FirstHits(limit);
  for (const message of tail()) {
    if (!streams.has(message.stream) || byLatest(after, message) >= 0) continue;
    if ((user !== undefined && message.user !== user) || !hasWords(searchedText(message), words)) continue;
    const { at, stream, seq } = message;
    first.add({ at, stream, seq, read: async () => message });
  }
  const author = user === undefined ? [] : [{ word: authorWord(user), isBeginning: false }];
  const wanted: Wanted = { words: [...words, ...author], streams, after };
  for (const segment of segments().toSorted((a, b) => b.name.latest - a.name.latest)) {
    await orNull(segment, () =>
      searchSegment(segment, wanted, first, (number) => orNull(segment, () => segment.message(number))),
    );
  }
  const found: ReadHit[] = [];
  for (const hit of first.hits) {
    const { at, stream, seq } = hit;
    found.push({ place: { at, stream, seq }, message: await hit.read() });
  }
  return found;
}

/** Returns whether a message can be a hit: not what is left of a deleted one, nor what only a later version can show. */
const isHit = (kept: Kept, message: PlacedMessage): boolean =>
  message.deleted === undefined && message.newer === undefined && isKept(kept, message);

/** The most messages that are read at once to find phrases in them. */
const maxBatch = 1024;

/**
 * Returns the latest messages that a search finds. What is to be erased is no hit, though the index still has it.
 *
 * @throws MessageStoreError `invalid-argument`
 */
export async function findMessages(searched: Searched, options: SearchOptions, kept: Kept): Promise<SearchResult> {
  const { limit = 20 } = options;
  requireLimit(limit);
  const search = searchOf(options, kept);
  if (search === null) return { hits: [], next: null };
  const hits: FoundMessage[] = [];
  let batch = limit + 1;
  for (let after = search.after; ; batch = Math.max(batch, Math.min(2 * batch, maxBatch))) {
    const from = { ...search, after };
    const found = await searched.reads.whole((orNull) => firstHits(searched, from, batch, orNull));
    for (const { place, message } of found) {
      if (message !== null && isHit(kept, message) && hasPhrases(searchedText(message), search.phrases)) {
        if (hits.length === limit) return { hits, next: after };
        hits.push({ roomId: kept.get(message.stream)?.roomId ?? '', ...withoutReadAt(withoutPlace(message)) });
      }
      after = place;
    }
    if (found.length < batch) return { hits, next: null };
  }
}
