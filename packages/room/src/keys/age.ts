/**
 * How long a fresh key has been in use: counted in entries, which all members count alike, and in time, which each member
 * takes from their own clock alone. Others' clocks, signed or not, and the server's never make a key seem old: a clock that
 * is wrong, or jumps, costs one new key at most, because whoever makes it starts counting anew.
 */
import { limits } from '@chat/protocol';
import type { RoomState } from '../state.ts';

/** Notes when this member first knew of the room's fresh key, and starts anew when their clock was set back behind that. */
export function noteKeySeen(state: RoomState, now: number): RoomState {
  if (state.freshSeq === 0 || (state.freshSeenAt !== null && state.freshSeenAt <= now)) return state;
  return { ...state, freshSeenAt: now };
}

/** When the key will have been used for long enough, in ms by this member's clock; null while nothing was said under it. */
export function keyExpiry(state: RoomState): number | null {
  const used = state.head.seq > state.freshSeq;
  return used && state.freshSeenAt !== null ? state.freshSeenAt + limits.freshKeyAge : null;
}

/** Whether the room is due for a fresh key with nobody having come or gone, and why. */
export function rekeyDue(state: RoomState, now: number): 'count' | 'age' | null {
  if (state.epoch === null) return null;
  if (state.head.seq - state.freshSeq >= limits.freshKeyEntries) return 'count';
  const expiry = keyExpiry(state);
  return expiry !== null && now >= expiry ? 'age' : null;
}
