/**
 * `revoke`: the operator has revoked an identity. The entry needs no author view, because it only ends memberships: its
 * effect is the same at every position of the log. One CA of the server signs it. From then on the CAs before that one sign none.
 */
import { fromBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomEvent } from '../event.ts';
import { isMember, isRevoked } from '../people.ts';
import type { RoomState } from '../state.ts';
import { endMembership } from './membership.ts';
import { type Rule, reject } from './step.ts';

/** Returns the index of the CA whose key has this fingerprint. */
const authorityOf = ({ authorities, authorityFrom }: RoomState, by: string, crypto: RoomCrypto): number =>
  Math.max(
    authorityFrom,
    authorities.findIndex((key) => crypto.fingerprint(fromBase64url(key)) === by),
  );

/** Applies a `revoke` entry. */
export const applyRevoke: Rule<'revoke'> = (before, placed, payload, crypto) => {
  const { seq } = placed;
  const { fingerprint, at } = payload;
  if (isRevoked(before, fingerprint)) return reject(before, placed, 'replayed', payload.user);
  const state = { ...before, authorityFrom: authorityOf(before, placed.entry.by, crypto) };

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
