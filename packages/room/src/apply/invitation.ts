/** `invite`: somebody may join, and the room's keys are for them from here on. */
import { type Fingerprint, fromBase64url, type Payload, type Policy, type UserName } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { ViolationCode } from '../event.ts';
import { isAmong, isRemoved, isRevoked } from '../people.ts';
import type { Invitation, Member, RoomState } from '../state.ts';
import { comeAnew } from './coming.ts';
import { type Rule, refuse } from './step.ts';

/** Members and invited people of a room of two. */
const directPeople = 2;

/** Whether one more person, of whom somebody says that they are `verified`, fits what the room was opened as. */
export function fitsPolicy(policy: Policy | null, state: RoomState, verified: boolean): boolean {
  if (policy?.join === 'verified') return verified;
  const people = Object.keys(state.members).length + Object.keys(state.invited).length;
  return policy?.join !== 'direct' || people < directPeople;
}

/** Whether the name or the key is a member's or an invited person's. */
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
  // Kept from before they went, or before its author came again, it invites nobody a second time.
  return head.seq < Math.max(inviter.roleSeq, state.left[fingerprint] ?? 0) ? 'replayed' : null;
}

export const applyInvite: Rule<'invite'> = (state, placed, payload, crypto) => {
  const { seq, entry } = placed;
  const inviter = state.members[entry.by];
  if (inviter === undefined) return refuse(state, placed, 'not-a-member', payload.author);
  const breach = inviteBreach(state, inviter, payload, crypto);
  if (breach !== null) return refuse(state, placed, breach, inviter.user);

  const { at, user, fingerprint, key, verified } = payload;
  const invitation: Invitation = { user, fingerprint, key, seq, by: entry.by };
  const before = fingerprint === state.me ? comeAnew(state) : state;
  return {
    state: { ...before, invited: { ...state.invited, [fingerprint]: invitation }, membershipSeq: seq },
    events: [{ kind: 'invited', seq, at, by: inviter.user, user, fingerprint, verified }],
  };
};
