/**
 * Opens direct rooms. A direct room has a random name, so that no other user can find it: the invited user learns the name from the
 * invitation. If two users open a direct room with each other at the same moment, one of the two rooms stays.
 */
import type { KeptMessage } from '@chat/message-store';
import type { Policy, PublicIdentity, RoomName, UserName } from '@chat/protocol';
import { type RoomCrypto, RoomError } from '@chat/room';
import { type ClientContext, newClientId } from '../context.ts';
import { ClientError } from '../errors.ts';
import { leaveInBackground } from '../room/leave.ts';
import { effectTimeoutMs, whileAdmitted } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import { othersIn } from '../room/room-view.ts';
import type { InvitationView } from '../view.ts';
import { invite, pinnedIdentity } from './invite.ts';
import { createRoom, joinRoom, wrongRoom } from './join.ts';
import { listInvitations } from './room-list.ts';

const directPolicy: Policy = { join: 'direct', history: 'since-join' };

/** An invitation to a direct room; its policy is known from where it came. */
export type DirectInvitation = Pick<InvitationView, 'roomId' | 'roomName' | 'by'>;

/** Returns a name that no other user can guess. */
const newDirectName = (crypto: RoomCrypto): RoomName => `dm-${newClientId(crypto).slice(0, 24)}`;

const isDirectName = (roomName: RoomName): boolean => roomName.startsWith('dm-');

const catchUpLimit = {
  timeoutMs: effectTimeoutMs,
  failure: () => new ClientError('timed-out', 'The server has not sent the log of a direct room yet.'),
};

const isSettled = ({ isCaughtUp, ownMembership }: RoomSession): boolean =>
  isCaughtUp || ownMembership.isDenied || ownMembership.isRemoved || ownMembership.hasLeft;

/** The turn of everything that concerns the direct room with this user. No room name contains this sign. */
const turnOf = (user: UserName): string => `@${user}`;

/** Returns the direct room with this user; opens it if there is none. */
export async function openDirect(context: ClientContext, rooms: RoomSet, user: UserName): Promise<RoomSession> {
  if (user === context.user) throw new RoomError('not-allowed', 'A direct room needs another user: name one.');
  return rooms.inTurn(turnOf(user), async () => {
    const own = rooms.directWith(user);
    if (own !== null && isInRoom(own, user)) return own;
    const identity = await pinnedIdentity(context, user);
    const [first] = await directInvitationsBy(context, user);
    if (first !== undefined) return acceptDirect(context, rooms, first);
    // An earlier opening was interrupted before the invitation, or the other user has left since.
    const session =
      own ??
      (await createRoom(context, rooms, { roomName: newDirectName(context.crypto), policy: directPolicy, peer: user }));
    await invite(context, session, user, identity.fingerprint);
    const [crossing] = await directInvitationsBy(context, user);
    return crossing === undefined ? session : settle({ context, rooms, own: session, crossing, identity });
  });
}

/**
 * Takes an invitation to a direct room. If the user has invited the inviting user to another direct room, this settles which of the
 * two rooms stays.
 *
 * @returns true if there is nothing to report to the user
 */
export function directInvited(context: ClientContext, rooms: RoomSet, invitation: DirectInvitation): Promise<boolean> {
  const { by, roomId } = invitation;
  return rooms.inTurn(turnOf(by), async () => {
    const own = rooms.directWith(by);
    if (own === null || !isInRoom(own, by)) return false;
    if (own.roomId === roomId) return true;
    // The other user is a member of the own room already, so the two did not open theirs at the same moment.
    if (isMember(own, by)) return false;
    await settle({ context, rooms, own, crossing: invitation, identity: await pinnedIdentity(context, by) });
    return true;
  });
}

/** Returns this user's invitations to direct rooms, by room id. */
async function directInvitationsBy(context: ClientContext, user: UserName): Promise<readonly DirectInvitation[]> {
  const found = await listInvitations(context);
  return found
    .filter(({ by, policy }) => by === user && policy.join === 'direct')
    .sort((a, b) => (a.roomId < b.roomId ? -1 : 1));
}

/**
 * Joins a direct room, and leaves it again if another user than its two is in it. If the other user has renewed the identity key, waits
 * until the room has the new one, which the other user's client gives it: until then only a thief of the key before could answer.
 */
async function acceptDirect(
  context: ClientContext,
  rooms: RoomSet,
  { roomId, roomName, by }: DirectInvitation,
): Promise<RoomSession> {
  const isKnown = rooms.get(roomId) !== null;
  const session = await rooms.inTurn(roomName, () => joinRoom(context, rooms, roomName, roomId));
  const others = () => othersIn(session.state).filter((other) => other.user !== by || !context.pins.isPinned(other));
  for (const { user, fingerprint } of others()) {
    if (user === by && (await context.identities.isEarlier(user, fingerprint))) continue;
    await leaveInBackground(context, rooms, session, isKnown ? 'kept' : true);
    throw wrongRoom(roomName);
  }
  await whileAdmitted(session, () => others().length === 0, {
    timeoutMs: effectTimeoutMs,
    failure: () =>
      new ClientError(
        'timed-out',
        `${by} has renewed the identity key, and has not given the new one to your direct room yet: it opens when ${by} has connected again.`,
      ),
  });
  return session;
}

/** Two direct rooms of the same two users, each created and offered by one of them. */
interface Crossing {
  readonly context: ClientContext;
  readonly rooms: RoomSet;
  readonly own: RoomSession;
  /** The other user's invitation to the other room. */
  readonly crossing: DirectInvitation;
  /** The other user. */
  readonly identity: PublicIdentity;
}

/**
 * Of two rooms that were opened at the same moment, the one with the smaller id stays: both clients come to the same result. The
 * messages of this user go with the user, because the other one never reads them in the room that is left.
 */
async function settle({ context, rooms, own, crossing, identity }: Crossing): Promise<RoomSession> {
  if (isMember(own, identity.user) || own.roomId < crossing.roomId) return own;
  const session = await acceptDirect(context, rooms, crossing);
  await moveTo(session, { context, rooms, own, user: identity.user });
  return session;
}

interface Moving {
  readonly context: ClientContext;
  readonly rooms: RoomSet;
  readonly own: RoomSession;
  readonly user: UserName;
}

/** So many messages go with the user at most, the latest: the outbox is stored as a whole at each save. */
const maxMoved = 1_000;

async function moveTo(session: RoomSession, { context, rooms, own, user }: Moving): Promise<void> {
  for (;;) {
    const { head, invited } = own.state;
    const said = await saidSince(context, own, invited.named(user)?.seq ?? 0);
    // A message that was read meanwhile is no longer in the outbox, and may not be among these.
    if (own.state.head.seq !== head.seq) continue;
    // The wish to leave comes first, and nothing may come in between: it and the moved messages are stored together.
    const leaving = said.isAll ? true : 'kept';
    own.keep({ leaving });
    own.outbox.moveTo(session.outbox, said.messages);
    const { roomId, roomName } = session;
    context.emit({ kind: 'direct-moved', roomId, roomName, user, from: own.roomName, kept: leaving === 'kept' });
    await leaveInBackground(context, rooms, own, leaving);
    return;
  }
}

/**
 * Returns the latest messages that the local user has sent in a room since the other one was invited, who can read no earlier one there and has read
 * none of them. `isAll`: they are all messages that are kept of the room.
 */
async function saidSince(
  { messages, user: me }: Pick<ClientContext, 'messages' | 'user'>,
  { roomId }: RoomSession,
  invitedAt: number,
): Promise<{ readonly messages: readonly KeptMessage[]; readonly isAll: boolean }> {
  const latest = await messages.page(roomId, { limit: maxMoved });
  const said = latest.filter(({ seq, user }) => seq > invitedAt && user === me);
  const first = said[0]?.seq;
  const rest = await messages.page(roomId, { before: first, limit: 1 });
  const isAll = said.length === latest.length && rest.length === 0;
  return { messages: said.filter(({ deleted, newer }) => deleted === undefined && newer === undefined), isAll };
}

/** To be called after each login. Moves on from a room that was to be left when the client ended. */
export async function finishSettling(context: ClientContext, rooms: RoomSet): Promise<void> {
  // What is stored may be older than the join of the other room. A room that does not catch up now is settled after the next login.
  const direct = [...rooms].filter(({ state, roomName }) => state.policy?.join === 'direct' || isDirectName(roomName));
  if (direct.length < 2) return;
  await Promise.allSettled(direct.map((session) => session.conditions.until(() => isSettled(session), catchUpLimit)));
  for (const own of [...rooms]) {
    const user = own.stored.peer;
    if (user === undefined || !own.ownMembership.isActive || isMember(own, user)) continue;
    await rooms.inTurn(turnOf(user), async () => {
      const session = [...rooms].find((other) => other.roomId < own.roomId && isOpenWith(other, user));
      if (session !== undefined && isInRoom(own, user)) await moveTo(session, { context, rooms, own, user });
    });
  }
}

const isOpenWith = (session: RoomSession, user: UserName): boolean =>
  session.ownMembership.isActive && session.stored.peer === user && isMember(session, user);

const isMember = ({ state }: RoomSession, user: UserName): boolean => state.members.named(user) !== null;

const isInRoom = (session: RoomSession, user: UserName): boolean =>
  othersIn(session.state).some((other) => other.user === user);
