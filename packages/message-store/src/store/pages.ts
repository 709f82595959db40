/** Pages of one room: messages before or after a position, whichever segments have them. */
import { withoutRepeated } from '../changes.ts';
import { byPlace, type PlacedMessage } from '../message.ts';
import type { StreamPart } from '../segment/directory.ts';
import type { SegmentReader } from '../segment/segment-reader.ts';

/** Which messages of a stream are read: the last ones before a position, or the first ones after it. */
export type PageBound = { readonly before: number } | { readonly after: number };

/** A segment, and what of it belongs to a stream. */
export interface SegmentPart {
  readonly segment: SegmentReader;
  readonly part: StreamPart;
}

/**
 * Returns up to `limit` messages, ordered by position.
 *
 * @param tail messages of the stream that are in no segment
 * @param parts all segments that have messages of the stream
 * @param read reads from a segment; returns nothing for one that cannot be read
 */
export async function readPage(
  { tail, parts }: { readonly tail: readonly PlacedMessage[]; readonly parts: readonly SegmentPart[] },
  bound: PageBound,
  limit: number,
  read: (part: SegmentPart) => Promise<readonly PlacedMessage[]>,
): Promise<readonly PlacedMessage[]> {
  const isEarlier = 'before' in bound;
  const isWanted = (seq: number) => (isEarlier ? seq < bound.before : seq > bound.after);
  const cut = (messages: readonly PlacedMessage[]) => {
    const ordered = withoutRepeated([...messages].sort(byPlace));
    return isEarlier ? ordered.slice(-limit) : ordered.slice(0, limit);
  };
  const ordered = [...parts]
    .filter(({ part }) => (isEarlier ? part.firstSeq < bound.before : part.lastSeq > bound.after))
    .sort((a, b) => (isEarlier ? b.part.lastSeq - a.part.lastSeq : a.part.firstSeq - b.part.firstSeq));
  let page = cut(tail.filter(({ seq }) => isWanted(seq)));
  for (const each of ordered) {
    const edge = isEarlier ? page[0]?.seq : page.at(-1)?.seq;
    const isPast = edge !== undefined && (isEarlier ? each.part.lastSeq < edge : each.part.firstSeq > edge);
    if (page.length >= limit && isPast) break;
    page = cut([...page, ...(await read(each))]);
  }
  return page;
}
