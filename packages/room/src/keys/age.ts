/**
 * The age of a fresh key. Entries are counted from the log, so all members agree on the count. Time is measured by each
 * member's own clock; the clocks of other members, signed or not, and the server's clock have no influence. A wrong or
 * jumping clock costs at most one additional epoch, because the member that makes it starts counting again.
 */
import { limits } from '@chat/protocol';
import type { RoomState } from '../state.ts';

/**
 * Records when this client first knew of the latest fresh key. Records it again if the clock has been set back before the
 * recorded time.
 *
 * @param now milliseconds since 1970
 */
export function noteKeySeen(state: RoomState, now: number): RoomState {
  if (state.freshSeq === 0 || (state.freshSeenAt !== null && state.freshSeenAt <= now)) return state;
  return { ...state, freshSeenAt: now };
}

/** Returns the time in ms by the own clock when the fresh key becomes too old; null while no entry has followed it. */
export function keyExpiry(state: RoomState): number | null {
  const used = state.head.seq > state.freshSeq;
  return used && state.freshSeenAt !== null ? state.freshSeenAt + limits.freshKeyAge : null;
}

/**
 * Returns why the room needs a fresh key although its membership has not changed; null when it needs none.
 *
 * @param now milliseconds since 1970
 */
export function rekeyDue(state: RoomState, now: number): 'count' | 'age' | null {
  if (state.epoch === null) return null;
  if (state.head.seq - state.freshSeq >= limits.freshKeyEntries) return 'count';
  const expiry = keyExpiry(state);
  return expiry !== null && now >= expiry ? 'age' : null;
}
