/** `invite`: a user may join, and receives the room's keys from this entry on. `decline`: the invited user does not want to. */
import { type Fingerprint, fromBase64url, type Payload, type Policy, type UserName } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { ViolationCode } from '../event.ts';
import { isAmong, isFull, isRemoved, isRevoked } from '../people.ts';
import type { Invitation, Member, RoomState } from '../state.ts';
import { endMembership, resetOwnKnowledge } from './membership.ts';
import { type Rule, reject } from './step.ts';

/** Members and invited users of a direct room. */
const directRoomUsers = 2;

/**
 * True when the room policy permits one more user.
 *
 * @param verified true when the inviter has verified the user
 */
export function fitsPolicy(policy: Policy | null, state: RoomState, verified: boolean): boolean {
  if (policy?.join === 'verified') return verified;
  const users = state.members.size + state.invited.size;
  return policy?.join !== 'direct' || users < directRoomUsers;
}

/** True when a member or an invited user has this name or this key. */
export const isTaken = (state: RoomState, user: UserName, fingerprint: Fingerprint): boolean =>
  isAmong(state.members, user, fingerprint) || isAmong(state.invited, user, fingerprint);

function inviteBreach(
  state: RoomState,
  inviter: Member,
  payload: Payload<'invite'>,
  crypto: RoomCrypto,
): ViolationCode | null {
  const { user, fingerprint, key, verified, head } = payload;
  if (crypto.fingerprint(fromBase64url(key)) !== fingerprint) return 'bad-signature';
  if (isTaken(state, user, fingerprint)) return 'already-a-member';
  if (isRemoved(state, fingerprint, user)) return 'removed';
  if (isRevoked(state, fingerprint)) return 'revoked';
  if (!fitsPolicy(state.policy, state, verified)) return 'not-allowed';
  // An entry from before the user's departure, or from before the inviter's latest join or role, has no effect.
  if (head.seq < Math.max(inviter.roleSeq, state.left.get(fingerprint) ?? 0)) return 'replayed';
  return isFull(state) ? 'room-full' : null;
}

/** Applies an `invite` entry. */
export const applyInvite: Rule<'invite'> = (state, placed, payload, crypto) => {
  const { seq, entry } = placed;
  const inviter = state.members.get(entry.by);
  if (inviter === undefined) return reject(state, placed, 'not-a-member', payload.author);
  const breach = inviteBreach(state, inviter, payload, crypto);
  if (breach !== null) return reject(state, placed, breach, inviter.user);

  const { at, user, fingerprint, key, verified } = payload;
  const invitation: Invitation = { user, fingerprint, key, seq, by: entry.by };
  const before = fingerprint === state.me ? resetOwnKnowledge(state) : state;
  return {
    state: { ...before, invited: state.invited.put(fingerprint, invitation), membershipSeq: seq },
    events: [{ kind: 'invited', seq, at, by: inviter.user, user, fingerprint, verified }],
  };
};

/** Applies a `decline` entry. The invited user had the room's keys, so the next epoch must be fresh. */
export const applyDecline: Rule<'decline'> = (state, placed, payload) => {
  const { seq, entry } = placed;
  const invitation = state.invited.get(entry.by);
  if (invitation?.user !== payload.author) return reject(state, placed, 'not-invited', invitation?.user ?? null);
  const { user, fingerprint } = invitation;
  // One that was signed for an earlier invitation does not end this one.
  if (payload.after < invitation.seq || payload.after >= seq) return reject(state, placed, 'replayed', user);
  const { at } = payload;
  const { state: after } = endMembership(state, fingerprint, { seq, at });
  return { state: after, events: [{ kind: 'declined', seq, at, user, fingerprint }] };
};
