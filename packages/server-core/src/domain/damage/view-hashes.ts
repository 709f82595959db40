/**
 * Reads the log hashes with which the server compares author views. A stored hash that the disk has changed would make the server
 * refuse honest authors, so each is compared with the one that follows from the position before.
 */
import { emptyLogHash, entryHash, nextLogHash, type RoomId } from '@chat/protocol';
import type { LogPlace, RoomStore } from '../../ports/room-store.ts';
import type { DamageLog } from './damage-log.ts';

/** Where the hashes are read, and who gets the damaged ones. */
export interface ViewHashesOptions {
  /** Number of hashes. */
  readonly count: number;
  readonly store: Pick<RoomStore, 'places' | 'read'>;
  readonly damage: DamageLog;
}

/**
 * Returns the log hashes of the latest positions up to the head, or up to a position before it, in order. Null stands for one that is
 * lost: neither the stored row nor its neighbours give it.
 */
export async function readViewHashes(
  roomId: RoomId,
  head: number,
  { count, store, damage }: ViewHashesOptions,
): Promise<readonly (string | null)[]> {
  const after = Math.max(0, head - count);
  // With the position before the first one, whose hash leads to the first.
  const places = await store.places(roomId, after - 1, count + 1);
  const bySeq = new Map(places.map((place) => [place.seq, place]));
  const hashes: (string | null)[] = [];
  let before = after === 0 ? emptyLogHash(roomId) : (bySeq.get(after)?.logHash ?? null);
  for (let seq = after + 1; seq <= head; seq++) {
    const place = bySeq.get(seq);
    const computed = place === undefined ? null : logHashAfter(before, place);
    const right = place === undefined ? null : await rightOf(place, computed, bySeq.get(seq + 1) ?? null, before);
    // Behind a lost hash there is none to compare with, and the row may be sound.
    const isSound = before === null ? right !== null : computed === place?.logHash;
    if (!isSound) damage.report({ room: roomId, seq, damaged: place === undefined ? 'missing' : 'hash' });
    before = right;
    hashes.push(before);
  }
  return hashes;

  /** Decides between the stored hash and the computed one: by the next position, and at the end of the log by the entry itself. */
  async function rightOf(
    place: LogPlace,
    computed: string | null,
    next: LogPlace | null,
    last: string | null,
  ): Promise<string | null> {
    if (computed === place.logHash) return computed;
    if (next !== null && logHashAfter(place.logHash, next) === next.logHash) return place.logHash;
    if (computed !== null && next !== null && logHashAfter(computed, next) === next.logHash) return computed;
    const [stored] = await store.read(roomId, place.seq - 1, 1, 0);
    if (stored === undefined || stored.seq !== place.seq || !('entry' in stored)) return null;
    const hash = entryHashOf(stored.entry);
    if (hash === null) return null;
    // Behind a lost hash nothing leads to this one: the stored one is the likely one, as its row is sound.
    if (hash === place.hash) return computed ?? place.logHash;
    return logHashAfter(last, { ...place, hash }) === place.logHash ? place.logHash : null;
  }
}

function logHashAfter(before: string | null, place: LogPlace): string | null {
  if (before === null) return null;
  try {
    return nextLogHash(before, place);
  } catch {
    return null;
  }
}

function entryHashOf(entry: Parameters<typeof entryHash>[0]): string | null {
  try {
    return entryHash(entry);
  } catch {
    return null;
  }
}
