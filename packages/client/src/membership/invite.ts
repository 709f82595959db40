/** Letting somebody into a room: who asks for it, and the invitation that does it. */
import type { Fingerprint, PublicIdentity, SignedKnock, UserName } from '@chat/protocol';
import { composeInvite, type RoomState, readKnock } from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { ClientError } from '../errors.ts';
import { decide } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { KnockView } from '../view.ts';

/**
 * Somebody's identity as their own prekey shows it; pinned, when it is seen for the first time.
 * Rejects with `unknown-user`, and with `identity-changed` when it is not the one that they are known by.
 */
export async function findIdentity({ directory, pins }: ClientContext, user: UserName): Promise<PublicIdentity> {
  const identity = await directory.personOf(user);
  if (identity === null) {
    throw new ClientError(
      'unknown-user',
      `The server knows nobody named ${user} who has ever connected: check the name, or ask them to log in once.`,
    );
  }
  if (pins.meet([identity]).length > 0) throw changed(user);
  return identity;
}

const changed = (user: UserName): ClientError =>
  new ClientError(
    'identity-changed',
    `${user} has another identity key than the one that you know: nobody is invited until you trust it.`,
  );

/** @param expected the key that a person was shown before they decided; null when they decided by the name */
export async function invite(
  context: ClientContext,
  session: RoomSession,
  user: UserName,
  expected: Fingerprint | null,
): Promise<void> {
  const identity = await findIdentity(context, user);
  const { fingerprint, key } = identity;
  if (expected !== null && fingerprint !== expected) throw changed(user);
  const verified = context.pins.isVerified(identity);
  const mayEnter = ({ members, invited }: RoomState) =>
    Object.hasOwn(invited, fingerprint) || Object.hasOwn(members, fingerprint);
  await decide(context, session, (state) => composeInvite(authorOf(context), state, { user, key, verified }), mayEnter);
}

/** Who a knock is from; null for what is not the knocker's own word. */
function knockerOf({ crypto }: ClientContext, state: RoomState, knock: SignedKnock): KnockView | null {
  const knocker = readKnock(state, knock, crypto);
  return knocker === null ? null : { user: knocker.user, fingerprint: knocker.fingerprint };
}

export async function knocksAt(
  context: ClientContext,
  { roomId: room, state }: RoomSession,
): Promise<readonly KnockView[]> {
  const { knocks } = await context.request('list-knocks', { room });
  return knocks.flatMap((knock) => knockerOf(context, state, knock) ?? []);
}
