/** Who may join a room, who may be invited to it, and when an invitation may be taken back: as the members judge it. */
import { createHash } from 'node:crypto';
import { fromBase64url, limits, type Payload, ProtocolError, toBase64url } from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Account } from '../../ports/directory.ts';
import type { Invited, Member, Room, RoomChange } from '../../ports/room-store.ts';
import { staleView } from './log-view.ts';
import { hasNameOrKey, requireAccess } from './room-access.ts';

const refused = (message: string) => new ProtocolError('entry-refused', message);

const full = () =>
  new ProtocolError('room-full', `A room holds ${limits.roomMembers} members and invited: wait for one to leave.`);

const isFull = ({ members, invited }: Room): boolean => members.length + invited.length >= limits.roomMembers;

export function admitJoin(state: Room, { after }: Payload<'join'>, joiner: RegisteredUser): RoomChange {
  const { user, fingerprint } = joiner;
  if (hasNameOrKey(state.members, joiner)) {
    throw new ProtocolError('already-a-member', 'You are in this room already: subscribe to read it.');
  }
  requireAccess(state, joiner);
  const invitation = state.invited.find((each) => each.user === user && each.fingerprint === fingerprint) ?? null;
  const closed = state.policy.join !== 'open' || hasNameOrKey(state.invited, joiner);
  if (invitation === null && closed) {
    throw new ProtocolError('not-invited', 'Nobody has invited you to this room: knock, and wait for a member to.');
  }
  // Members refuse a join from before this person last left, and a room whose server admits whom its members refuse gets
  // no more keys. Who left when is not at hand here: any removal since will do.
  if (after < state.removalSeq || after > state.head) {
    throw refused('The room has changed since the join was signed: look the room up and sign a new one.');
  }
  if (invitation === null && isFull(state)) throw full();
  const readsFrom = state.policy.history === 'all' ? 1 : (invitation?.seq ?? state.head + 1);
  return { kind: 'join', user, fingerprint, readsFrom };
}

/** @param registered the account of the invited name; null when there is none that may log in */
export function admitInvite(
  state: Room,
  author: Member,
  payload: Payload<'invite'>,
  registered: Account | null,
): RoomChange {
  const { user, fingerprint, key, verified, head } = payload;
  if (createHash('sha256').update(fromBase64url(key)).digest('hex') !== fingerprint) {
    throw refused('The key that is invited has another fingerprint: sign an invite that names it with its own.');
  }
  if (registered === null || toBase64url(registered.identity) !== key) {
    throw new ProtocolError(
      'unknown-user',
      `Nobody is registered here as ${user} with that key: ask for their prekey.`,
    );
  }
  // Members void one from before that person last left: signed once, it would let them in again and again. Who left when
  // is not at hand here: any removal since will do.
  if (head.seq < Math.max(author.roleSeq, state.removalSeq)) throw staleView('Somebody has gone since this was made');
  if (hasNameOrKey(state.members, payload) || hasNameOrKey(state.invited, payload)) {
    throw new ProtocolError('already-a-member', `${user} is in this room or invited to it already.`);
  }
  requireAccess(state, payload);
  requireAllowed(state, verified);
  if (isFull(state)) throw full();
  return { kind: 'invite', user, fingerprint, by: author.user };
}

function requireAllowed({ policy, members, invited }: Room, verified: boolean): void {
  if (policy.join === 'verified' && !verified) {
    throw new ProtocolError('not-allowed', 'Here people are invited once safety numbers were compared: verify first.');
  }
  if (policy.join === 'direct' && members.length + invited.length >= 2) {
    throw new ProtocolError('not-allowed', 'This is a conversation of two: create a room to talk with more.');
  }
}

/** @param concerned whom the author's `remove` names */
export function admitWithdrawal(author: Member, concerned: Invited): RoomChange {
  if (author.role === 'member' && author.user !== concerned.by) {
    throw new ProtocolError(
      'not-allowed',
      'An invitation is taken back by whoever made it, by the owner, or by a moderator.',
    );
  }
  return { kind: 'withdraw', user: concerned.user, fingerprint: concerned.fingerprint };
}
