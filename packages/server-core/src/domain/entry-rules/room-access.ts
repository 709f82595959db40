/** Users who may not enter a room: removed by its members until a readmission, or revoked by the operator permanently. */
import { type Identity, ProtocolError, type UserName } from '@chat/protocol';
import { accessRevokedError } from '../../identity/registered-user.ts';
import type { Room } from '../../ports/room-store.ts';

/** Returns whether one of these identities has the same name or the same key: neither may be in a room twice. */
export const hasNameOrKey = (identities: readonly Identity[], { user, fingerprint }: Identity): boolean =>
  identities.some((each) => each.user === user || each.fingerprint === fingerprint);

/** Returns the error for a user whom the room's members have removed. */
export const removedError = (user: UserName): ProtocolError =>
  new ProtocolError('removed', `${user} was removed from this room: its owner or a moderator can readmit them.`);

/**
 * Requires that the user is neither revoked nor removed from the room.
 *
 * @throws ProtocolError `access-revoked`, `removed`
 */
export function requireAccess({ removed, revoked }: Room, identity: Identity): void {
  if (revoked.some(({ fingerprint }) => fingerprint === identity.fingerprint)) throw accessRevokedError(identity.user);
  if (hasNameOrKey(removed, identity)) throw removedError(identity.user);
}
