/** Safety numbers: what two users compare to verify each other's identity keys. */
import { fromBase64url, type PublicIdentity, type UserName } from '@chat/protocol';
import { invitedOf, membersOf } from '@chat/room';
import { safetyNumber } from '@chat/signatures';
import type { ClientContext } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { RoomSet } from '../room/room-set.ts';
import type { SafetyNumber } from '../view.ts';

/**
 * Returns the identity that a user has now: in the rooms, first of all one that differs from the pin; for a user in no room, the one
 * that the server shows.
 *
 * @throws ClientError `unknown-user`, `wrong-prekey`
 */
export async function identityOf(context: ClientContext, rooms: RoomSet, user: UserName): Promise<PublicIdentity> {
  const seen = [...rooms]
    .flatMap(({ state }) => [...membersOf(state), ...invitedOf(state)])
    .filter((member) => member.user === user);
  const changed = new Set([...rooms].flatMap((session) => session.changedIdentities).map((identity) => identity.seen));
  const found =
    seen.find(({ fingerprint }) => changed.has(fingerprint)) ?? seen[0] ?? (await context.directory.identityOf(user));
  if (found !== null) return found;
  throw new ClientError('unknown-user', `No user ${user} is in your rooms or has ever connected: check the name.`);
}

/** Returns the safety number of the local user and another one. */
export function safetyNumberWith({ user, signer, pins }: ClientContext, other: PublicIdentity): SafetyNumber {
  const { fingerprint, key } = other;
  const number = safetyNumber(
    { publicKey: signer.publicKey, name: user },
    { publicKey: fromBase64url(key), name: other.user },
  );
  return { number, fingerprint, verified: pins.isVerified(other) };
}
