/**
 * `revoke`: the operator has revoked an identity. The entry needs no author view, because it only ends memberships: its
 * effect is the same at every position of the log.
 */
import type { RoomEvent } from '../event.ts';
import { isMember, isRevoked } from '../people.ts';
import { endMembership } from './membership.ts';
import { type Rule, reject } from './step.ts';

/** Applies a `revoke` entry. */
export const applyRevoke: Rule<'revoke'> = (state, placed, payload) => {
  const { seq } = placed;
  const { fingerprint, at } = payload;
  if (isRevoked(state, fingerprint)) return reject(state, placed, 'replayed', payload.user);

  // The entry revokes the key, so the membership under that key ends whatever its user name is.
  const user = state.members.get(fingerprint)?.user ?? state.invited.get(fingerprint)?.user ?? payload.user;
  const revoked: RoomEvent = { kind: 'revoked', seq, at, user, fingerprint };
  const noted = { ...state, revoked: state.revoked.put(fingerprint, { user, seq }) };
  if (!isMember(state, fingerprint) && !state.invited.has(fingerprint)) {
    return { state: noted, events: [revoked] };
  }
  const { state: after, succession } = endMembership(noted, fingerprint, { seq, at });
  return { state: after, events: [revoked, ...succession] };
};
