/**
 * Who may enter a room, and what others are shown of it. Some users may not enter: they were removed by its members until a
 * readmission, or revoked by the operator permanently.
 */
import { type Identity, limits, ProtocolError, type ResultOf, type RoomName, type UserName } from '@chat/protocol';
import { accessRevokedError } from '../../identity/registered-user.ts';
import type { FoundRoom, Room, RoomPage } from '../../ports/room-store.ts';
import { hasEnded, invitedAfter } from './invitation-end.ts';
import { userIn } from './user-index.ts';

/** Returns whether one of these identities has the same name or the same key: neither may be in a room twice. */
export const hasNameOrKey = (identities: readonly Identity[], { user, fingerprint }: Identity): boolean =>
  identities.some((each) => each.user === user || each.fingerprint === fingerprint);

/** Returns the error for a user whom the room's members have removed. */
export const removedError = (user: UserName): ProtocolError =>
  new ProtocolError('removed', `${user} was removed from this room: its owner or a moderator can readmit them.`);

const notAMember = (): ProtocolError => new ProtocolError('not-a-member', 'You are not in this room: join it first.');

/** Returns the room of a member. @throws ProtocolError `not-a-member` */
export function requireMember(room: Room | null, user: UserName): Room {
  if (room === null || userIn(room.members, user) === undefined) throw notAMember();
  return room;
}

/** Requires a member or an invited user, who receives the room's keys already. @throws ProtocolError `not-a-member` */
export function requireRecipient(room: Room | null, { user, fingerprint }: Identity): void {
  const found = room && (userIn(room.members, user) ?? userIn(room.invited, user));
  if (found?.fingerprint !== fingerprint) throw notAMember();
}

/**
 * Requires that the user is neither revoked nor removed from the room.
 *
 * @throws ProtocolError `access-revoked`, `removed`
 */
export function requireAccess({ removed, revoked }: Room, identity: Identity): void {
  if (revoked.some(({ fingerprint }) => fingerprint === identity.fingerprint)) throw accessRevokedError(identity.user);
  if (hasNameOrKey(removed, identity)) throw removedError(identity.user);
}

/** Returns what to read for a page of a user's rooms or invitations: one more than it holds, which shows whether more follow. */
export const pageAfter = (after: RoomName | null, now: number): RoomPage => ({
  after,
  limit: limits.roomsPerPage + 1,
  invitedAfter: invitedAfter(now),
});

const unknownRoom = (name: RoomName) =>
  new ProtocolError('unknown-room', `No room is called ${name}: list the rooms, or create one with that name.`);

/**
 * Returns what a user is shown of a room that was found by its name. A user who may neither join nor read it gets only what a
 * knock needs.
 *
 * @throws ProtocolError `unknown-room`, also for a direct room of others; `removed`
 */
export function shownTo(
  asker: UserName,
  name: RoomName,
  { found, now }: { readonly found: FoundRoom | null; readonly now: number },
): ResultOf<'find-room'> {
  if (found === null) throw unknownRoom(name);
  const { isRemoved, invitedSince, ...room } = found;
  const { policy, joined } = room;
  const isOver = invitedSince !== null && hasEnded(policy, { at: invitedSince }, now);
  if (policy.join === 'open' || joined || (invitedSince !== null && !isOver)) return room;
  // No knock is possible at a direct room, nor by a removed user, who knows of the room.
  if (isRemoved) throw removedError(asker);
  if (policy.join === 'direct') throw unknownRoom(name);
  const outside = { room: room.room, name, joined, policy, invitedAt: null };
  return isOver ? { ...outside, invitationExpired: true } : outside;
}
