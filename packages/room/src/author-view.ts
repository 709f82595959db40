/** Compares an author view, the log as an author saw it when signing, with the log as this member has read it. */
import {
  countOfStubs,
  type EntryType,
  type LoggedStubs,
  limits,
  logHashesOfStubs,
  nextLogHash,
  toHex,
} from '@chat/protocol';
import type { RoomState } from './state.ts';

/** Returns the room with its head advanced by one entry, without the entry's effect. */
export function withHead(state: RoomState, seq: number, type: EntryType, hashOfEntry: string): RoomState {
  const hash = nextLogHash(state.head.hash, { seq, type, hash: hashOfEntry });
  return { ...state, head: { seq, hash }, recentHashes: state.recentHashes.push(hash) };
}

/** Returns the room with its head advanced by stubs. */
export function withStubs(state: RoomState, stubs: LoggedStubs): RoomState {
  const logHashes = logHashesOfStubs(state.head.hash, stubs);
  const head = { seq: stubs.seq + countOfStubs(stubs) - 1, hash: toHex(logHashes.subarray(-32)) };
  return { ...state, head, recentHashes: state.recentHashes.pushAll(logHashes) };
}

/**
 * Compares the author view of the entry at the log's head with the log.
 *
 * A client stores fewer hashes than it has in memory. After a restart it accepts a message whose view it cannot compare, because
 * members accept a message with any view, so that only an alarm would be left, and a false one. Every later view of the same author
 * covers the same log.
 *
 * @param type the type of that entry
 * @param seen the `head` field of the entry's payload
 * @returns `fork` when the author saw another log, `stale-view` when the view is too old to be compared, else null
 */
export function viewBreach(
  { head, recentHashes }: RoomState,
  type: EntryType,
  seen: { readonly seq: number; readonly hash: string },
): 'fork' | 'stale-view' | null {
  const behind = head.seq - seen.seq;
  if (behind <= 0) return 'fork';
  if (behind > (type === 'message' ? limits.messageViewEntries : limits.viewEntries)) return 'stale-view';
  const ours = recentHashes.before(behind) ?? null;
  if (ours === null) return behind > limits.viewEntries ? null : 'stale-view';
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
  const ours = recentHashes.before(head.seq - seen.seq) ?? null;
  if (ours === null) return 'too-old';
  return ours === seen.hash ? 'same' : 'fork';
}
