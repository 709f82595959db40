/** Which messages a store still has: those of streams that were not erased, and that the retention of their room keeps. */
import type { PlacedMessage } from '../message.ts';
import type { StreamPart } from '../segment/directory.ts';
import type { SegmentName } from '../segment/segment-reader.ts';
import { isStale, type StaleCopies, type StaleMarks } from '../stale.ts';
import type { Retention, StoredStream } from './stored-messages.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What is kept of one stream. */
interface KeptPart {
  readonly roomId: string;
  /** The first position. */
  readonly from: number;
  /** The earliest time at which the client read it. */
  readonly since: number;
  /** The copies that are not kept, because another copy has been changed. */
  readonly stale: StaleMarks | undefined;
}

/** What is kept, by the number of the stream. */
export type Kept = ReadonlyMap<number, KeptPart>;

const sinceOf = (keep: Retention, now: number): number =>
  typeof keep === 'object' && 'days' in keep ? now - keep.days * dayMs : Number.NEGATIVE_INFINITY;

/** What decides which messages are kept. */
export interface KeepRules {
  readonly rooms: Iterable<readonly [string, StoredStream]>;
  /** The retention of rooms that have none of their own. */
  readonly keep: Retention;
  readonly stale: StaleCopies;
}

/** Returns what is kept. */
export function keptParts({ rooms, keep, stale }: KeepRules, now: number): Kept {
  const kept = new Map<number, KeptPart>();
  for (const [roomId, { stream, from = 0, keep: own = keep }] of rooms) {
    if (own !== 'nothing') {
      kept.set(stream, { roomId, from, since: sinceOf(own, now), stale: stale.of(stream) });
    }
  }
  return kept;
}

/** Returns whether a message is kept. */
export function isKept(kept: Kept, message: PlacedMessage): boolean {
  const part = kept.get(message.stream);
  if (part === undefined || message.seq < part.from || message.readAt < part.since) return false;
  return !isStale(part.stale, message);
}

/** Returns whether the retention keeps all messages of a part of a segment. Copies among them may be stale. */
export function isWhole(kept: Kept, { stream, firstSeq, oldestReadAt }: StreamPart): boolean {
  const part = kept.get(stream);
  return part !== undefined && firstSeq >= part.from && oldestReadAt >= part.since;
}

/** Returns what its name tells of a segment: whether none of its messages is kept, all are, or its directory has to be read. */
export function keptOf(kept: Kept, { streams, oldest }: SegmentName): 'nothing' | 'all' | 'unknown' {
  const parts = streams.map((stream) => kept.get(stream));
  if (parts.every((part) => part === undefined)) return 'nothing';
  const isWholePart = (part: KeptPart | undefined) =>
    part !== undefined && part.from === 0 && oldest >= part.since && part.stale === undefined;
  return parts.every(isWholePart) ? 'all' : 'unknown';
}
