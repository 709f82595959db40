/** Creating and joining a room: what is asked of the server, and what must be stored before it is asked. */
import { directRoomName, type Policy, type ResultOf, type RoomName } from '@chat/protocol';
import { composeCreate, composeJoin, currentSecret, emptyRoom, invitedOf, membersOf, type RoomState } from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from '../context.ts';
import { ClientError } from '../errors.ts';
import { isRefusal } from '../refusal.ts';
import { appendLeave, finishLeaving, wishToLeave } from '../room/leave.ts';
import { stepWithin } from '../room/room-append.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import type { StoredRoom } from '../storage/stored-state.ts';

/** Everybody may join, and reads what is said from then on. */
export const openToAll: Policy = { join: 'open', history: 'since-join' };

type Found = ResultOf<'find-room'>;

const notInTime = (what: string) => () =>
  new ClientError('timed-out', `${what}; it will once the server answers again.`);

const wrongRoom = (name: RoomName) =>
  new ClientError(
    'wrong-room',
    `The server answered with another room than ${name}. It is not shown as ${name}; ask whoever runs the server.`,
  );

function newRoom({ signer, authority }: ClientContext, name: RoomName, room: string, since: number): StoredRoom {
  const state = emptyRoom(room, signer.fingerprint, { asked: name, since, authority: authority.key });
  return { name, state, outbox: [], recent: [] };
}

/** A room as it is before this user joins it: what is said from their invitation on is for them, else from their join on. */
function roomToJoin(context: ClientContext, { name, room, head, invitedAt, policy }: Found): StoredRoom {
  const fresh = newRoom(context, name, room, invitedAt === null ? head : invitedAt - 1);
  return policy.history === 'all' ? { ...fresh, replay: 'due' } : fresh;
}

/**
 * Makes the request by which this user enters a room, the room stored before, and reads the log. Where the outcome is
 * unknown the room is kept: the next login, or the next attempt, finds out.
 */
async function enter(
  context: ClientContext,
  rooms: RoomSet,
  session: RoomSession,
  isNew: boolean,
  request: () => Promise<unknown>,
): Promise<void> {
  try {
    await rooms.ask(session, async () => {
      await context.save();
      await request();
    });
  } catch (error) {
    // Of a room that was kept, an earlier attempt may have arrived.
    if (isNew && isRefusal(error)) rooms.forget(session);
    throw error;
  }
  await session.subscribe();
}

/** Resolves when the new room has its key. */
export async function createRoom(
  context: ClientContext,
  rooms: RoomSet,
  name: RoomName,
  policy: Policy,
): Promise<RoomSession> {
  const { crypto, request } = context;
  const { roomId: room, entry } = composeCreate(authorOf(context), name, policy);
  const session = rooms.adopt(newRoom(context, name, room, 0));
  await enter(context, rooms, session, true, () => request('create-room', { cid: newClientId(crypto), entry }));
  const hasKey = () => currentSecret(session.state) !== null;
  await session.conditions.until(hasKey, stepWithin, notInTime('The room has no key yet'));
  return session;
}

/** Looks up how long the log is, and signs the join for that. */
async function appendJoin(context: ClientContext, name: RoomName): Promise<void> {
  const { room, head } = await context.request('find-room', { name });
  const entry = composeJoin(authorOf(context), room, head);
  await context.request('append', { room, cid: newClientId(context.crypto), entry });
}

/** The join itself; twice at most, and none where an earlier attempt has arrived after all. */
async function requestJoin(context: ClientContext, name: RoomName): Promise<void> {
  try {
    await appendJoin(context, name).catch((error: unknown) => {
      // Somebody left between the look-up and the join, which made it look like a replay.
      if (explain(error).code !== 'entry-refused') throw error;
      return appendJoin(context, name);
    });
  } catch (error) {
    if (explain(error).code !== 'already-a-member') throw error;
  }
}

/**
 * Resolves when the membership is on the log.
 *
 * @param expected the room that must be found under this name, where it was looked up before
 */
export async function joinRoom(
  context: ClientContext,
  rooms: RoomSet,
  name: RoomName,
  expected?: string,
): Promise<RoomSession> {
  const kept = rooms.find(name);
  if (kept?.ownMembership.leaving === true) await finishLeaving(context, rooms, kept);
  const known = rooms.find(name);
  if (known?.ownMembership.open === true && !known.ownMembership.denied) return known;
  const found = await context.request('find-room', { name });
  if (expected !== undefined && found.room !== expected) throw wrongRoom(name);
  const fresh = roomToJoin(context, found);
  const isOut =
    known?.roomId === found.room && (known.ownMembership.removed || known.ownMembership.denied) && !found.joined;
  const session = isOut
    ? await reenter(context, rooms, known, fresh)
    : await enterNew(context, rooms, fresh, found.joined);

  const settled = () => session.ownMembership.joined || session.ownMembership.refused;
  await session.conditions.until(settled, stepWithin, notInTime('The room has not shown the join yet'));
  if (session.ownMembership.refused) {
    rooms.forget(session);
    throw wrongRoom(name);
  }
  if (!isAsFound(session, found)) {
    await wishToLeave(context, rooms, session);
    throw wrongRoom(name);
  }
  return session;
}

/** Whether the room is what the server said of it, and a conversation of two is that of the two who are in it. */
function isAsFound({ roomName: name, state }: RoomSession, { policy }: Found): boolean {
  if (state.policy === null) return true;
  if (state.policy.join !== policy.join || state.policy.history !== policy.history) return false;
  return policy.join !== 'direct' || isConversation(name, state);
}

function isConversation(name: RoomName, state: RoomState): boolean {
  const others = [...membersOf(state), ...invitedOf(state)].filter(({ fingerprint }) => fingerprint !== state.me);
  return others.every(({ fingerprint }) => directRoomName(state.me, fingerprint) === name);
}

async function enterNew(
  context: ClientContext,
  rooms: RoomSet,
  fresh: StoredRoom,
  joined: boolean,
): Promise<RoomSession> {
  const { name } = fresh;
  const known = rooms.find(name);
  const adopted = rooms.adopt(fresh);
  if (adopted.roomName !== name) throw wrongRoom(name);
  const isNew = adopted !== known;
  const session = joined && isNew ? await leaveLost(context, rooms, adopted) : adopted;
  await enter(context, rooms, session, isNew, () => requestJoin(context, name));
  return session;
}

/**
 * Enters a room anew that this user was taken out of. What was said before stays to be read; all else begins again, as
 * what others said between the removal and now is not for us. Where they are refused, what was kept is kept on.
 */
async function reenter(
  context: ClientContext,
  rooms: RoomSet,
  known: RoomSession,
  fresh: StoredRoom,
): Promise<RoomSession> {
  const { stored } = known;
  const denial = known.ownMembership.removed ? 'removed' : 'not-a-member';
  const session = rooms.replace(known, { ...fresh, recent: stored.recent });
  try {
    await enter(context, rooms, session, false, () => requestJoin(context, fresh.name));
  } catch (error) {
    if (isRefusal(error)) rooms.replace(session, { ...stored, outbox: [] }).accessDenied(denial);
    throw error;
  }
  return session;
}

/** This user is a member whose room was lost here: they leave, to join anew. */
async function leaveLost(context: ClientContext, rooms: RoomSet, session: RoomSession): Promise<RoomSession> {
  const fresh = session.stored;
  await session.subscribe();
  await session.conditions.until(() => session.isCaughtUp, stepWithin, notInTime('The log has not come'));
  await appendLeave(context, session);
  return rooms.replace(session, fresh);
}
