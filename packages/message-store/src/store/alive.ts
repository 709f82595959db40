/** Which messages a store still has: those of streams that were not erased, and that the retention of their room keeps. */
import type { PlacedMessage } from '../message.ts';
import type { StreamPart } from '../segment/directory.ts';
import type { SegmentName } from '../segment/segment-reader.ts';
import type { Retention, StoredStream } from './stored-messages.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What is kept of one stream. */
interface KeptPart {
  readonly roomId: string;
  /** The first position. */
  readonly from: number;
  /** The earliest time at which the client read it. */
  readonly since: number;
}

/** What is kept, by the number of the stream. */
export type Kept = ReadonlyMap<number, KeptPart>;

const sinceOf = (keep: Retention, now: number): number =>
  typeof keep === 'object' && 'days' in keep ? now - keep.days * dayMs : Number.NEGATIVE_INFINITY;

/**
 * Returns what is kept.
 *
 * @param keep the retention of rooms that have none of their own
 */
export function keptParts(rooms: Iterable<readonly [string, StoredStream]>, keep: Retention, now: number): Kept {
  const kept = new Map<number, KeptPart>();
  for (const [roomId, { stream, from = 0, keep: own = keep }] of rooms) {
    if (own !== 'nothing') kept.set(stream, { roomId, from, since: sinceOf(own, now) });
  }
  return kept;
}

/** Returns whether a message is kept. */
export function isKept(kept: Kept, { stream, seq, readAt }: PlacedMessage): boolean {
  const part = kept.get(stream);
  return part !== undefined && seq >= part.from && readAt >= part.since;
}

/** Returns whether all messages of a part of a segment are kept. */
export function isWhole(kept: Kept, { stream, firstSeq, oldestReadAt }: StreamPart): boolean {
  const part = kept.get(stream);
  return part !== undefined && firstSeq >= part.from && oldestReadAt >= part.since;
}

/** Returns what its name tells of a segment: whether none of its messages is kept, all are, or its directory has to be read. */
export function keptOf(kept: Kept, { streams, oldest }: SegmentName): 'nothing' | 'all' | 'unknown' {
  const parts = streams.map((stream) => kept.get(stream));
  if (parts.every((part) => part === undefined)) return 'nothing';
  return parts.every((part) => part !== undefined && part.from === 0 && oldest >= part.since) ? 'all' : 'unknown';
}
