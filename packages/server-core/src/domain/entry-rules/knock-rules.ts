/** Who may ask to be let into a room, and whether it is they who ask. */
import { fromBase64url, knockDomain, ProtocolError, parseKnock, type SignedKnock, utf8 } from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import type { Room } from '../../ports/room-store.ts';
import { hasNameOrKey, requireAccess } from './room-access.ts';

/** Throws `entry-refused` unless this person has signed the knock for this room. */
export function requireOwnKnock(room: string, { payload, by, signature }: SignedKnock, person: RegisteredUser): void {
  const signed =
    by === person.fingerprint && person.verifier.verify(knockDomain(room), utf8(payload), fromBase64url(signature));
  const knock = signed ? parseKnock(payload) : null;
  if (knock === null || knock.room !== room || knock.author !== person.user || knock.key !== person.key) {
    throw new ProtocolError('entry-refused', 'The knock is not yours for this room: sign it as the protocol says.');
  }
}

/** Throws `already-a-member`, `removed`, and `entry-refused` for a room at which nobody needs to knock. */
export function admitKnock(state: Room, person: RegisteredUser): void {
  if (hasNameOrKey(state.members, person)) {
    throw new ProtocolError('already-a-member', 'You are in this room already: subscribe to read it.');
  }
  requireAccess(state, person);
  if (hasNameOrKey(state.invited, person)) {
    throw new ProtocolError('already-a-member', 'You are invited to this room already: join it.');
  }
  const { join } = state.policy;
  if (join === 'invite' || join === 'verified') return;
  const remedy = join === 'open' ? 'join it' : 'it is a conversation of two others';
  throw new ProtocolError('entry-refused', `Nobody knocks at this room: ${remedy}.`);
}
