/** The log as somebody saw it when they signed, held against the log as we see it. */
import { type EntryType, limits, nextLogHash } from '@chat/protocol';
import type { RoomState } from './state.ts';

/** An author's view may be as far back as `limits.viewEntries` before their entry, which has a place itself. */
const recentHashCount = limits.viewEntries + 1;

/** The room with one more entry on its log, and nothing of what the entry says. */
export function withHead(state: RoomState, seq: number, type: EntryType, hashOfEntry: string): RoomState {
  const hash = nextLogHash(state.head.hash, seq, type, hashOfEntry);
  return { ...state, head: { seq, hash }, recentHashes: [...state.recentHashes.slice(1 - recentHashCount), hash] };
}

/**
 * What is wrong with the view (`head`) of the entry that the log's head is on: `fork` when its author saw another log than
 * we did, `stale-view` when they saw so little of it that nobody can tell.
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
