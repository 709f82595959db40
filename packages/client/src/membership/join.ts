/** Creates and joins rooms. A room is stored before the server is asked, so that its log is read even if the answer is lost. */
import { limits, type Policy, type ResultOf, type RoomId, type RoomName, type UserName } from '@chat/protocol';
import { composeCreate, composeJoin, currentSecret, emptyRoom } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from '../context.ts';
import { ClientError, explain, isRefusal } from '../errors.ts';
import { appendLeave, finishLeaving, leaveInBackground } from '../room/leave.ts';
import { effectTimeoutMs, whileAdmitted } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import { othersIn } from '../room/room-view.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

/** The policy of a room that every user may join, and where newcomers can read what is sent after their join. */
export const openPolicy: Policy = { join: 'open', history: 'since-join' };

const dayMs = 24 * 60 * 60 * 1000;

type FoundRoom = ResultOf<'find-room'>;

const limit = (what: string) => ({
  timeoutMs: effectTimeoutMs,
  failure: () => new ClientError('timed-out', `${what}; it will once the server answers again.`),
});

/** Returns the error for a room that is not the one that the user wants to enter. */
export const wrongRoom = (roomName: RoomName) =>
  new ClientError(
    'wrong-room',
    `The server answered with another room than ${roomName}. The client does not open it; ask the operator of the server.`,
  );

function newRoom({ signer, authority }: ClientContext, roomName: RoomName, roomId: RoomId, since: number): StoredRoom {
  const { keys: authorities, serverId } = authority;
  const state = emptyRoom(roomId, signer.fingerprint, { asked: roomName, since, authorities, serverId });
  return { name: roomName, state, outbox: [] };
}

/** The room is neither open, nor is the user a member or invited, so the server tells no more than a knock needs. */
const notInvited = (roomName: RoomName) =>
  new ClientError('not-invited', `${roomName} is a room by invitation, and you are not invited: knock to ask for it.`);

/** The server has ended the invitation by its age. Members who connect withdraw it, and can then invite the user again. */
const expired = (roomName: RoomName) =>
  new ClientError(
    'invitation-expired',
    `Your invitation to ${roomName} has ended, because you did not join within ${limits.invitationAge / dayMs} days: knock, or ask a member to invite you again.`,
  );

const outside = ({ name, invitationExpired }: FoundRoom): ClientError =>
  invitationExpired === true ? expired(name) : notInvited(name);

/** Returns the room as it is before the join: the user can read from the invitation on if there is one, else from the join on. */
function roomToJoin(context: ClientContext, found: FoundRoom): StoredRoom {
  const { name, room, head, invitedAt, policy } = found;
  if (head === undefined) throw outside(found);
  const fresh = newRoom(context, name, room, sinceOf(head, invitedAt));
  return policy.history === 'all' ? { ...fresh, replay: 'due' } : fresh;
}

/**
 * Stores the room, makes the request that makes the user a member, and subscribes to the log. If the outcome is unknown the room
 * is kept, and the next login or the next attempt finds out.
 *
 * @param isNew false if an earlier attempt to enter the room may have reached the server
 */
async function enter(
  { context, rooms, session, isNew }: { context: ClientContext; rooms: RoomSet; session: RoomSession; isNew: boolean },
  request: () => Promise<unknown>,
): Promise<void> {
  try {
    await rooms.entering(session, async () => {
      await context.save();
      await request();
    });
  } catch (error) {
    if (isNew && isRefusal(error)) rooms.giveUp(session, explain(error).code);
    throw error;
  }
  await session.subscribe();
}

/** Requires that what is stored under this name is not a deleted room, which the user can still read: another one may have its name. */
function requireNameFree(rooms: RoomSet, roomName: RoomName): void {
  const { isDeleted, exclusion } = rooms.find(roomName)?.ownMembership ?? {};
  if (isDeleted === true && exclusion != null) throw exclusion;
}

/** A room to create. */
export interface NewRoom {
  readonly roomName: RoomName;
  readonly policy: Policy;
  /** The other user of a direct room, who is invited next. Default: none. */
  readonly peer?: UserName;
}

/** Creates a room. Resolves when the room has a key. */
export async function createRoom(
  context: ClientContext,
  rooms: RoomSet,
  { roomName, policy, peer }: NewRoom,
): Promise<RoomSession> {
  const { crypto, request } = context;
  requireNameFree(rooms, roomName);
  const { roomId, entry } = composeCreate(authorOf(context), roomName, policy);
  const session = rooms.adopt({ ...newRoom(context, roomName, roomId, 0), peer });
  await enter({ context, rooms, session, isNew: true }, () =>
    request('create-room', { cid: newClientId(crypto), entry }),
  );
  await whileAdmitted(session, () => currentSecret(session.state) !== null, limit('The room has no key yet'));
  return session;
}

/** The room that was looked up has closed before the join, and another one has got its name. The server would not find it by its id. */
const replaced = (roomName: RoomName) =>
  new ClientError(
    'room-replaced',
    `The room ${roomName} closed before you had joined it, and another room has got that name: join again if you want to be in that one.`,
  );

/** Returns the last position before those that the user can read: from the invitation on if there is one, else from the join on. */
const sinceOf = (head: number, invitedAt: number | null): number => (invitedAt === null ? head : invitedAt - 1);

/**
 * Lets the user read from the position that the join's own look-up has reported, unless an earlier look-up has reported a later one.
 * The invitation of an earlier look-up may have ended, with or without a new one, and an honest server does not send what was said
 * meanwhile. After the join's own look-up none can end unseen: the server refuses the join when a user has departed after its `after`.
 */
async function readFrom(context: ClientContext, session: RoomSession, since: number): Promise<void> {
  const { state } = session;
  if (state.since >= since) return;
  session.keep({ state: { ...state, since } });
  await context.save();
}

/** Looks up the length of the log and appends a join that names it. */
async function appendJoin(context: ClientContext, session: RoomSession): Promise<void> {
  const { roomName, roomId: room } = session;
  const found = await context.request('find-room', { name: roomName });
  if (found.room !== room) throw replaced(roomName);
  const { head, invitedAt, joined } = found;
  if (head === undefined) throw outside(found);
  if (!joined) await readFrom(context, session, sinceOf(head, invitedAt));
  const entry = composeJoin(authorOf(context), room, head);
  await context.request('append', { room, cid: newClientId(context.crypto), entry });
}

/** Appends the join, with a second attempt; succeeds also if an earlier join has reached the server. */
async function requestJoin(context: ClientContext, session: RoomSession): Promise<void> {
  try {
    await appendJoin(context, session).catch((error: unknown) => {
      // A member left between the look-up and the join, so the server took the join for a repeated one.
      if (explain(error).code !== 'entry-refused') throw error;
      return appendJoin(context, session);
    });
  } catch (error) {
    if (explain(error).code !== 'already-a-member') throw error;
  }
}

/**
 * Joins a room; returns its session if the user is a member already. Resolves when the membership is on the log.
 *
 * @param expected the id of the room, where the client knows it from an invitation
 * @throws ClientError `not-invited`, `invitation-expired`, `room-replaced`, `wrong-room`, `removed`, `access-revoked`,
 *   `room-deleted`, `timed-out`, and as `ClientContext.request` does
 */
export async function joinRoom(
  context: ClientContext,
  rooms: RoomSet,
  roomName: RoomName,
  expected?: RoomId,
): Promise<RoomSession> {
  const stored = rooms.find(roomName);
  if (stored?.ownMembership.isLeaving === true) {
    await finishLeaving(context, rooms, stored);
    await context.save();
  }
  requireNameFree(rooms, roomName);
  const known = rooms.find(roomName);
  if (known?.ownMembership.isActive === true && !known.ownMembership.isDenied) return known;
  const found = await context.request('find-room', { name: roomName });
  if (expected !== undefined && found.room !== expected) throw wrongRoom(roomName);
  const isKnown = known?.roomId === found.room;
  // The server has said something else of this room before. Nothing of it is given up for that.
  if (isKnown && !hasPolicy(known, found)) throw wrongRoom(roomName);
  const fresh = roomToJoin(context, found);
  const session =
    isKnown && isOut(known) && !found.joined
      ? await reenter(context, rooms, known, fresh)
      : await enterNew(context, rooms, fresh, found.joined);

  const { ownMembership } = session;
  const isAnswered = () => ownMembership.isJoined || ownMembership.isOtherRoom;
  await whileAdmitted(session, isAnswered, limit('The log does not show the join yet'));
  if (ownMembership.isOtherRoom) {
    rooms.giveUp(session);
    throw wrongRoom(roomName);
  }
  if (!isAsFound(session, found)) {
    await leaveInBackground(context, rooms, session, isKnown ? 'kept' : true);
    throw wrongRoom(roomName);
  }
  return session;
}

const isOut = ({ ownMembership }: RoomSession): boolean =>
  ownMembership.isRemoved || ownMembership.isDenied || ownMembership.hasLeft;

/** True if the room has the policy that the server announced, as far as the client knows it. */
const hasPolicy = ({ state }: RoomSession, { policy }: FoundRoom): boolean =>
  state.policy === null || (state.policy.join === policy.join && state.policy.history === policy.history);

/** True if the room has the policy that the server announced, and a direct room has no more than two users. */
function isAsFound(session: RoomSession, found: FoundRoom): boolean {
  if (!hasPolicy(session, found)) return false;
  return session.state.policy?.join !== 'direct' || othersIn(session.state).length <= 1;
}

/**
 * Enters the room of a fresh state. A room that is stored already keeps its own state.
 *
 * @param joined true if the user is a member by the server's word
 */
async function enterNew(
  context: ClientContext,
  rooms: RoomSet,
  fresh: StoredRoom,
  joined: boolean,
): Promise<RoomSession> {
  const { name: roomName } = fresh;
  const known = rooms.find(roomName);
  const adopted = rooms.adopt(fresh);
  if (adopted.roomName !== roomName) throw wrongRoom(roomName);
  const isNew = adopted !== known;
  const session = joined && isNew ? await leaveLost(context, rooms, adopted) : adopted;
  await enter({ context, rooms, session, isNew }, () => requestJoin(context, session));
  return session;
}

/**
 * Joins a room again from which the user was removed. The messages from before stay readable. Everything else starts anew, because
 * what was sent between the removal and now is not for this user. If the server refuses, or the next connection shows that it never got
 * the join, the room is as it was.
 */
async function reenter(
  context: ClientContext,
  rooms: RoomSet,
  known: RoomSession,
  fresh: StoredRoom,
): Promise<RoomSession> {
  const { stored } = known;
  const { latest, mark, notify } = stored;
  const before = { ...stored, outbox: [] };
  const session = rooms.replace(known, { ...fresh, latest, mark, notify, before });
  await enter({ context, rooms, session, isNew: true }, () => requestJoin(context, session));
  return session;
}

/** The user is a member, but the client has lost the room: leaves, so that the user can join anew. */
async function leaveLost(context: ClientContext, rooms: RoomSet, session: RoomSession): Promise<RoomSession> {
  const fresh = session.stored;
  await session.subscribe();
  await whileAdmitted(session, () => session.isCaughtUp, limit('The server has not sent the log'));
  await appendLeave(context, session);
  return rooms.replace(session, fresh);
}
