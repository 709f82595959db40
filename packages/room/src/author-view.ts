/** Compares an author view, the log as an author saw it when signing, with the log as this member has read it. */
import { type EntryType, limits, nextLogHash } from '@chat/protocol';
import type { RoomState } from './state.ts';

/** A view may be up to `limits.viewEntries` positions before its entry; the entry itself has a log hash too. */
const recentHashCount = limits.viewEntries + 1;

/** Returns the room with its head advanced by one entry, without the entry's effect. */
export function withHead(state: RoomState, seq: number, type: EntryType, hashOfEntry: string): RoomState {
  const hash = nextLogHash(state.head.hash, { seq, type, hash: hashOfEntry });
  return { ...state, head: { seq, hash }, recentHashes: [...state.recentHashes.slice(1 - recentHashCount), hash] };
}

/**
 * Compares the author view of the entry at the log's head with the log.
 *
 * @param seen the `head` field of the entry's payload
 * @returns `fork` when the author saw another log, `stale-view` when the view is too old to be compared, else null
 */
export function viewBreach(
  { head, recentHashes }: RoomState,
  seen: { readonly seq: number; readonly hash: string },
): 'fork' | 'stale-view' | null {
  if (seen.seq >= head.seq) return 'fork';
  const ours = recentHashes[recentHashes.length - 1 - (head.seq - seen.seq)];
  if (ours === undefined) return 'stale-view';
  return ours === seen.hash ? null : 'fork';
}
