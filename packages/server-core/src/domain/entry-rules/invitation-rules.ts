/** Rules of `join`, `decline` and `invite` entries and of withdrawals. They match the rules by which members judge these entries. */
import { createHash } from 'node:crypto';
import { fromBase64url, limits, type Payload, ProtocolError, toBase64url } from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Account } from '../../ports/directory.ts';
import type { Invited, Member, Room, RoomChange } from '../../ports/room-store.ts';
import { expiredError, hasEnded } from './invitation-end.ts';
import { staleViewError } from './log-view.ts';
import { hasNameOrKey, requireAccess } from './room-access.ts';

const refused = (message: string) => new ProtocolError('entry-refused', message);

const roomFull = (most: number) =>
  new ProtocolError('room-full', `A room holds at most ${most} members and invited users: wait until one leaves.`);

const isFull = ({ members, invited }: Room, most: number): boolean => members.length + invited.length >= most;

/**
 * Requires a place for a new member or invited user in a room of a server that allows fewer than the protocol.
 *
 * @throws ProtocolError `room-full`
 */
export function requirePlace(state: Room | null, change: RoomChange | null, most: number): void {
  const { user, kind } = change?.kind === 'join' || change?.kind === 'invite' ? change : {};
  if (state === null || kind === undefined || !isFull(state, most)) return;
  // An invited user has a place already.
  if (kind === 'invite' || !state.invited.some((each) => each.user === user)) throw roomFull(most);
}

/** A join, and when it was requested. */
export interface Joining {
  readonly payload: Payload<'join'>;
  readonly joiner: RegisteredUser;
  /** Milliseconds; null for a join that members give back, because it was in time when its author made it. */
  readonly now: number | null;
}

/**
 * Returns the effect of a join.
 *
 * @throws ProtocolError `already-a-member`, `access-revoked`, `removed`, `not-invited`, `invitation-expired`, `entry-refused`, `room-full`
 */
export function admitJoin(state: Room, { payload: { after }, joiner, now }: Joining): RoomChange {
  const { user, fingerprint } = joiner;
  if (hasNameOrKey(state.members, joiner)) {
    throw new ProtocolError('already-a-member', 'You are in this room already: subscribe to read it.');
  }
  requireAccess(state, joiner);
  const invitation = state.invited.find((each) => each.user === user && each.fingerprint === fingerprint) ?? null;
  const needsInvitation = state.policy.join !== 'open' || hasNameOrKey(state.invited, joiner);
  if (invitation === null && needsInvitation) {
    throw new ProtocolError('not-invited', 'You are not invited to this room: knock and wait for an invitation.');
  }
  // An old invitation keeps no user out of an open room. The members count such a join as one by invitation, and so does the server.
  const isOver = invitation !== null && now !== null && hasEnded(state.policy, invitation, now);
  if (isOver && state.policy.join !== 'open') throw expiredError(state.name);
  // Members refuse a join that was signed before this user last left. If the server appended one, the room could get no more
  // keys. The server does not store when each user left, so it compares with the latest removal of any user.
  if (after < state.removalSeq || after > state.head) {
    throw refused('The room has changed since the join was signed: look the room up and sign a new one.');
  }
  if (invitation === null && isFull(state, limits.roomMembers)) throw roomFull(limits.roomMembers);
  const readsFrom = state.policy.history === 'all' ? 1 : (invitation?.seq ?? state.head + 1);
  return { kind: 'join', user, fingerprint, readsFrom };
}

/**
 * Returns the effect of a decline.
 *
 * @throws ProtocolError `not-invited`, `entry-refused`
 */
export function admitDecline(
  { invited, head }: Room,
  { after }: Payload<'decline'>,
  author: RegisteredUser,
): RoomChange {
  const { user, fingerprint } = author;
  const invitation = invited.find((each) => each.user === user && each.fingerprint === fingerprint);
  if (invitation === undefined) {
    throw new ProtocolError('not-invited', 'You have no invitation to this room: there is nothing to decline.');
  }
  if (after < invitation.seq || after > head) {
    throw refused('The decline was signed for another invitation: look the room up and sign a new one.');
  }
  return { kind: 'decline', user, fingerprint };
}

/**
 * Returns the effect of an invitation.
 *
 * @param invitedAccount the account of the invited name; null when there is none that is not revoked. Default: not checked
 * @throws ProtocolError `entry-refused`, `unknown-user`, `stale-view`, `already-a-member`, `access-revoked`, `removed`,
 *   `not-allowed`, `room-full`
 */
export function admitInvite(
  state: Room,
  author: Member,
  { payload, invitedAccount }: { readonly payload: Payload<'invite'>; readonly invitedAccount?: Account | null },
): RoomChange {
  const { user, fingerprint, key, verified, head } = payload;
  if (createHash('sha256').update(fromBase64url(key)).digest('hex') !== fingerprint) {
    throw refused(
      'The invited key has another fingerprint: sign an invite that names the key with its own fingerprint.',
    );
  }
  if (invitedAccount === null || (invitedAccount !== undefined && toBase64url(invitedAccount.identity) !== key)) {
    throw new ProtocolError(
      'unknown-user',
      `${user} is not registered here with that key: request the prekey of ${user}.`,
    );
  }
  // Members refuse an invite that was signed before the invited user last left; otherwise one invite would admit a user again
  // and again. The server does not store when each user left, so it compares with the latest removal of any user.
  if (head.seq < Math.max(author.roleSeq, state.removalSeq)) {
    throw staleViewError('A member has left since this entry was made');
  }
  if (hasNameOrKey(state.members, payload) || hasNameOrKey(state.invited, payload)) {
    throw new ProtocolError('already-a-member', `${user} is in this room or invited to it already.`);
  }
  requireAccess(state, payload);
  requireInvitable(state, verified);
  if (isFull(state, limits.roomMembers)) throw roomFull(limits.roomMembers);
  return { kind: 'invite', user, fingerprint, by: author.user };
}

function requireInvitable({ policy, members, invited }: Room, verified: boolean): void {
  if (policy.join === 'verified' && !verified) {
    throw new ProtocolError(
      'not-allowed',
      'This room is for verified users: compare safety numbers with the user, then invite them.',
    );
  }
  if (policy.join === 'direct' && members.length + invited.length >= 2) {
    throw new ProtocolError('not-allowed', 'A direct room has two members: create a room to talk with more.');
  }
}

/**
 * Returns the effect of a withdrawal.
 *
 * @param author of the `remove` entry
 * @param invited the user whom that entry names
 * @throws ProtocolError `not-allowed`
 */
export function admitWithdrawal(author: Member, invited: Invited): RoomChange {
  if (author.role === 'member' && author.user !== invited.by) {
    throw new ProtocolError(
      'not-allowed',
      'Only the member who invited the user, the owner and moderators can withdraw an invitation.',
    );
  }
  return { kind: 'withdraw', user: invited.user, fingerprint: invited.fingerprint };
}
