/**
 * `revoke`: the server's authority has taken an identity away. It needs no view of the log: it takes somebody out for good
 * and lets nobody in, so it says the same wherever and whenever it is placed.
 */
import type { RoomEvent } from '../event.ts';
import { isMember, isRevoked } from '../people.ts';
import { depart } from './departure.ts';
import { type Rule, refuse } from './step.ts';

export const applyRevoke: Rule<'revoke'> = (state, placed, payload) => {
  const { seq } = placed;
  const { fingerprint, at } = payload;
  if (isRevoked(state, fingerprint)) return refuse(state, placed, 'replayed', payload.user);

  // The key is what was taken away: it goes under whatever name it came.
  const user = state.members[fingerprint]?.user ?? state.invited[fingerprint]?.user ?? payload.user;
  const told: RoomEvent = { kind: 'revoked', seq, at, user, fingerprint };
  const noted = { ...state, revoked: { ...state.revoked, [fingerprint]: { user, seq } } };
  if (!isMember(state, fingerprint) && !Object.hasOwn(state.invited, fingerprint)) {
    return { state: noted, events: [told] };
  }
  const { state: after, succession } = depart(noted, fingerprint, { seq, at });
  return { state: after, events: [told, ...succession] };
};
