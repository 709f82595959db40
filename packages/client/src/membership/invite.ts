/** Invites users into a room, and lists and dismisses the users who ask for it. */
import type { Fingerprint, PublicIdentity, RoomId, UserName } from '@chat/protocol';
import { composeInvite, mayWithdraw } from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { ClientError } from '../errors.ts';
import { knockerOf } from '../room/knock-watch.ts';
import { appendDecision } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { KnockView } from '../view.ts';
import { withdrawInvitation } from './decide.ts';
import { hasEnded } from './invitation-age.ts';
import { noteInvitations } from './invitation-ends.ts';

/**
 * Returns a user's identity, which the signature of the user's prekey proves. Pins it if the user has no pin yet.
 *
 * @throws ClientError `unknown-user`, `wrong-prekey`; `identity-changed` if the identity differs from the pin
 */
export async function pinnedIdentity(
  { directory, identities, pins }: ClientContext,
  user: UserName,
): Promise<PublicIdentity> {
  const identity = await directory.identityOf(user);
  if (identity === null) {
    throw new ClientError(
      'unknown-user',
      `The server knows no user ${user} who has ever connected: check the name, or ask ${user} to log in once.`,
    );
  }
  if (pins.meet([identity]).length > 0) await identities.follow(user, identity.fingerprint);
  if (pins.meet([identity]).length > 0) throw changed(user);
  return identity;
}

const changed = (user: UserName): ClientError =>
  new ClientError(
    'identity-changed',
    `${user} has another identity key than the one that you know: no invitation is sent until you trust it.`,
  );

/**
 * Invites a user. Resolves when the log shows the invitation.
 *
 * @param expected the key that the local user has seen in a knock; null if they decided by the name
 */
export async function invite(
  context: ClientContext,
  session: RoomSession,
  user: UserName,
  expected: Fingerprint | null,
): Promise<void> {
  const identity = await pinnedIdentity(context, user);
  const { fingerprint, key } = identity;
  // A user who has renewed the key since is the one whom the local user means.
  const isMeant = expected === null || expected === fingerprint || (await context.identities.isEarlier(user, expected));
  if (!isMeant) throw changed(user);
  const verified = context.pins.isVerified(identity);
  await endEarlier(context, session, user);
  await appendDecision(context, session, {
    compose: (state) => composeInvite(authorOf(context), state, { user, key, verified }),
    isEffective: ({ members, invited }) => invited.has(fingerprint) || members.has(fingerprint),
    isEffect: (event) => event.kind === 'invited' && event.fingerprint === fingerprint,
  });
  noteInvitations(context, session);
}

/** Withdraws an invitation of the user that has ended, if the local user may, so that another one can follow. */
async function endEarlier(context: ClientContext, session: RoomSession, user: UserName): Promise<void> {
  const { state, stored } = session;
  const [earlier, own] = [state.invited.named(user), state.members.get(state.me)];
  if (earlier === null || own === undefined) return;
  if (!mayWithdraw(own, earlier) || !hasEnded(stored, earlier, context.scheduler.now())) return;
  await withdrawInvitation(context, session, earlier);
}

/** Dismisses a user's knock at a room. */
export async function dismissKnock({ request }: ClientContext, roomId: RoomId, user: UserName): Promise<void> {
  await request('dismiss-knock', { room: roomId, user });
}

/** Lists the users who knock at a room. */
export async function knocksAt(context: ClientContext, { roomId, state }: RoomSession): Promise<readonly KnockView[]> {
  const { knocks } = await context.request('list-knocks', { room: roomId });
  return knocks.flatMap((knock) => knockerOf(context, state, knock) ?? []);
}
