/** Who is out of a room: taken out by its members until they readmit them, or by the server's operator for good. */
import { type Identity, ProtocolError, type UserName } from '@chat/protocol';
import { accessRevokedError } from '../../identity/registered-user.ts';
import type { Room } from '../../ports/room-store.ts';

/** Whether one of these people has this name or this key. */
export const hasNameOrKey = (people: readonly Identity[], { user, fingerprint }: Identity): boolean =>
  people.some((each) => each.user === user || each.fingerprint === fingerprint);

export const removedError = (user: UserName): ProtocolError =>
  new ProtocolError('removed', `${user} was removed from this room: its owner or a moderator can readmit them.`);

/** Throws `removed` and `access-revoked`. */
export function requireAccess({ removed, revoked }: Room, person: Identity): void {
  if (revoked.some(({ fingerprint }) => fingerprint === person.fingerprint)) throw accessRevokedError(person.user);
  if (hasNameOrKey(removed, person)) throw removedError(person.user);
}
