/** Rules of knocks: who may ask to be invited to a room, and that the asking user has signed it. */
import {
  fromBase64url,
  knockDomain,
  limits,
  ProtocolError,
  parseKnock,
  type RoomId,
  type SignedKnock,
  utf8,
} from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { KnockBounds, Room } from '../../ports/room-store.ts';
import { hasEnded } from './invitation-end.ts';
import { hasNameOrKey, requireAccess } from './room-access.ts';

/** Returns which knocks wait now. */
export const knockBounds = (now: number): KnockBounds => ({
  now,
  ageMs: limits.knockAge,
  dismissalMs: limits.dismissalAge,
  perRoom: limits.knocksPerRoom,
  perUser: limits.knocksPerUser,
});

/**
 * Requires that the user has signed the knock for this room.
 *
 * @throws ProtocolError `entry-refused` unless this user has signed the knock for this room
 */
export function requireOwnKnock(roomId: RoomId, { payload, by, signature }: SignedKnock, user: RegisteredUser): void {
  const signed =
    by === user.fingerprint && user.verifier.verify(knockDomain(roomId), utf8(payload), fromBase64url(signature));
  const knock = signed ? parseKnock(payload) : null;
  if (knock === null || knock.room !== roomId || knock.author !== user.user || knock.key !== user.key) {
    throw new ProtocolError(
      'entry-refused',
      'The knock is not signed by you for this room: sign it as the protocol says.',
    );
  }
}

/**
 * Requires that the user may ask to be invited to the room, for the first time or because the invitation has ended.
 *
 * @throws ProtocolError `already-a-member`, `removed`, `access-revoked`; `entry-refused` for a room that takes no knocks
 */
export function admitKnock(state: Room, user: RegisteredUser, now: number): void {
  if (hasNameOrKey(state.members, user)) {
    throw new ProtocolError('already-a-member', 'You are in this room already: subscribe to read it.');
  }
  requireAccess(state, user);
  const invited = state.invited.find((each) => hasNameOrKey([each], user));
  if (invited !== undefined && !hasEnded(state.policy, invited, now)) {
    throw new ProtocolError('already-a-member', 'You are invited to this room already: join it.');
  }
  const { join } = state.policy;
  if (join === 'invite' || join === 'verified') return;
  const remedy = join === 'open' ? 'join it' : 'it is a direct room of two other users';
  throw new ProtocolError('entry-refused', `This room takes no knocks: ${remedy}.`);
}
