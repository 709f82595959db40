/** Which messages a store still has: those of streams that were not erased, and that the retention of their room keeps. */
import type { PlacedMessage } from '../message.ts';
import type { StreamPart } from '../segment/directory.ts';
import type { Retention, StoredMessages } from './stored-messages.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What is kept of one stream. */
export interface KeptPart {
  readonly roomId: string;
  /** The first position. */
  readonly from: number;
  /** The earliest time at which the client read it. */
  readonly since: number;
}

const sinceOf = (keep: Retention, now: number): number => {
  if (keep === 'nothing') return Number.POSITIVE_INFINITY;
  return typeof keep === 'object' && 'days' in keep ? now - keep.days * dayMs : Number.NEGATIVE_INFINITY;
};

/** Returns what is kept, by the number of the stream. */
export const keptParts = ({ rooms, keep }: StoredMessages, now: number): ReadonlyMap<number, KeptPart> =>
  new Map(
    Object.entries(rooms).map(([roomId, { stream, from = 0, keep: own = keep }]) => [
      stream,
      { roomId, from, since: sinceOf(own, now) },
    ]),
  );

/** Returns whether a message is kept. */
export function isKept(kept: ReadonlyMap<number, KeptPart>, { stream, seq, readAt }: PlacedMessage): boolean {
  const part = kept.get(stream);
  return part !== undefined && seq >= part.from && readAt >= part.since;
}

/** Returns whether all messages of a part of a segment are kept. */
export function isWhole(kept: ReadonlyMap<number, KeptPart>, { stream, firstSeq, oldestReadAt }: StreamPart): boolean {
  const part = kept.get(stream);
  return part !== undefined && firstSeq >= part.from && oldestReadAt >= part.since;
}
