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

/** How a head that a member has read relates to the log that this member has read. */
export type HeadComparison =
  /** Both have read the same log up to the earlier of the two heads. */
  | 'same'
  /** The other member has read another log. */
  | 'fork'
  /** The other member has read further than this one. */
  | 'ahead'
  /** The head is too old to be compared. */
  | 'too-old';

/** Compares the head of another member with the log. */
export function compareHead(
  { head, recentHashes }: Pick<RoomState, 'head' | 'recentHashes'>,
  seen: { readonly seq: number; readonly hash: string },
): HeadComparison {
  if (seen.seq > head.seq) return 'ahead';
  const ours = recentHashes[recentHashes.length - 1 - (head.seq - seen.seq)];
  if (ours === undefined) return 'too-old';
  return ours === seen.hash ? 'same' : 'fork';
}
