/** Whether somebody is who they seem: the number that two people compare. */
import { fromBase64url, type PublicIdentity, type UserName } from '@chat/protocol';
import { invitedOf, membersOf } from '@chat/room';
import { safetyNumber } from '@chat/signatures';
import type { ClientContext } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { RoomSet } from '../room/room-set.ts';
import type { SafetyNumber } from '../view.ts';

/**
 * The key that somebody shows now: in the rooms, one that is in doubt before all others; of who is in none of them, the one
 * that the server gives. Rejects with `unknown-user`.
 */
export async function identityOf(context: ClientContext, rooms: RoomSet, user: UserName): Promise<PublicIdentity> {
  const seen = [...rooms]
    .flatMap(({ state }) => [...membersOf(state), ...invitedOf(state)])
    .filter((person) => person.user === user);
  const doubtful = new Set([...rooms].flatMap((session) => session.changedIdentities).map((changed) => changed.seen));
  const found =
    seen.find(({ fingerprint }) => doubtful.has(fingerprint)) ?? seen[0] ?? (await context.directory.personOf(user));
  if (found !== null) return found;
  throw new ClientError('unknown-user', `Nobody named ${user} is in your rooms or has ever connected: check the name.`);
}

export function safetyNumberWith({ user, signer, pins }: ClientContext, other: PublicIdentity): SafetyNumber {
  const { fingerprint, key } = other;
  const number = safetyNumber(
    { publicKey: signer.publicKey, name: user },
    { publicKey: fromBase64url(key), name: other.user },
  );
  return { number, fingerprint, verified: pins.isVerified(other) };
}
