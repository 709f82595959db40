/** Who is out of a room: taken out by its members until they readmit them, or by the server's operator for good. */
import { type Fingerprint, ProtocolError, type UserName } from '@chat/protocol';
import type { Room } from '../../ports/room-store.ts';
import { accessRevoked } from '../accounts.ts';

/** A person as rooms count them: by name and by key, so that one name or key is never in a room twice. */
export interface Named {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
}

/** Whether one of these people has this name or this key. */
export const isAmong = (people: readonly Named[], { user, fingerprint }: Named): boolean =>
  people.some((each) => each.user === user || each.fingerprint === fingerprint);

export const wasRemoved = (user: UserName): ProtocolError =>
  new ProtocolError('removed', `${user} was removed from this room: its owner or a moderator can readmit them.`);

/** Throws `removed` and `access-revoked`. */
export function requireNotOut({ removed, revoked }: Room, person: Named): void {
  if (revoked.some(({ fingerprint }) => fingerprint === person.fingerprint)) throw accessRevoked(person.user);
  if (isAmong(removed, person)) throw wasRemoved(person.user);
}
