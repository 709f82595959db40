/** What a member signs to let somebody in. */
import { fromBase64url, type SignedEntry, type UserName } from '@chat/protocol';
import { fitsPolicy, isTaken } from '../apply/invitation.ts';
import { RoomError } from '../errors.ts';
import { isRemoved, isRevoked } from '../people.ts';
import type { RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

export interface Invitee {
  readonly user: UserName;
  /** SubjectPublicKeyInfo of their identity key, base64url. */
  readonly key: string;
  /** Whether the author has compared safety numbers with them. */
  readonly verified: boolean;
}

/**
 * The entry that invites somebody: they may join, and are given the room's keys from there on.
 *
 * Throws `not-a-member` when the author is none, `already-a-member` when the name or the key is a member's or an invited
 * person's, `not-verified` in a room for verified people, `not-allowed` when they were removed or have lost their access, and
 * for a third person in a room of two.
 */
export function composeInvite(author: Author, state: RoomState, { user, key, verified }: Invitee): SignedEntry {
  requireMembership(author, state);
  const fingerprint = author.crypto.fingerprint(fromBase64url(key));
  if (isTaken(state, user, fingerprint)) {
    throw new RoomError('already-a-member', `${user} is in this room, or invited, already.`);
  }
  if (isRemoved(state, fingerprint, user)) {
    throw new RoomError('not-allowed', `${user} was removed: the owner or a moderator must readmit them first.`);
  }
  if (isRevoked(state, fingerprint)) {
    throw new RoomError('not-allowed', `The server's operator has taken the access of ${user} away.`);
  }
  if (!fitsPolicy(state.policy, state, verified)) {
    throw state.policy?.join === 'verified'
      ? new RoomError('not-verified', `This room is for verified people: compare safety numbers with ${user} first.`)
      : new RoomError('not-allowed', 'This is a conversation of two: open a room to talk with more people.');
  }
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
