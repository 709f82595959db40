/** Composes invitations. */
import { fromBase64url, type SignedEntry, type UserName } from '@chat/protocol';
import { fitsPolicy, isTaken } from '../apply/invitation.ts';
import { RoomError } from '../errors.ts';
import { isFull, isRemoved, isRevoked } from '../people.ts';
import type { RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/** The user to invite. */
export interface Invitee {
  readonly user: UserName;
  /** SubjectPublicKeyInfo of the user's identity key in base64url. */
  readonly key: string;
  /** True when the author has compared safety numbers with the user. */
  readonly verified: boolean;
}

/**
 * Composes the entry that invites a user, who may then join and receives the room's keys from that entry on.
 *
 * @throws RoomError `not-a-member`, `already-invited`, `already-a-member`, `not-verified`, `not-allowed`, `room-full`
 */
export function composeInvite(author: Author, state: RoomState, { user, key, verified }: Invitee): SignedEntry {
  requireMembership(author, state);
  const fingerprint = author.crypto.fingerprint(fromBase64url(key));
  if (state.invited.get(fingerprint)?.user === user) {
    throw new RoomError('already-invited', `${user} is invited, and the invitation waits: ${user} can join.`);
  }
  if (isTaken(state, user, fingerprint)) {
    throw new RoomError(
      'already-a-member',
      `A member or an invited user of this room has the name or the key of ${user}.`,
    );
  }
  if (isRemoved(state, fingerprint, user)) {
    throw new RoomError('not-allowed', `${user} was removed: the owner or a moderator must readmit this user first.`);
  }
  if (isRevoked(state, fingerprint)) {
    throw new RoomError('not-allowed', `The operator has revoked the access of ${user}.`);
  }
  if (!fitsPolicy(state.policy, state, verified)) {
    throw state.policy?.join === 'verified'
      ? new RoomError('not-verified', `This room is for verified users: compare safety numbers with ${user} first.`)
      : new RoomError('not-allowed', 'This is a direct room of two users: create another room to talk with more.');
  }
  if (isFull(state)) throw new RoomError('room-full', 'The room has as many members and invited users as it can hold.');
  return signEntry<'invite'>(author.signer, state.room, {
    v: 1,
    type: 'invite',
    room: state.room,
    author: author.user,
    user,
    fingerprint,
    key,
    verified,
    head: state.head,
    at: author.now,
  });
}
