/** Creating, joining and leaving a room: what is asked of the server, and what must be stored before it is asked. */
import { fromBase64url, ProtocolError, type RoomId, type RoomName, toBase64url } from '@chat/protocol';
import { composeCreate, composeJoin, composeLeave, currentSecret, emptyRoom, type Prekey } from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from './context.ts';
import { ClientError } from './errors.ts';
import type { RoomSession } from './room-session.ts';
import type { RoomSet } from './room-set.ts';
import type { StoredRoom } from './stored.ts';

/** How long a step may take that the server has accepted, in ms. */
const stepWithin = 20_000;

const policy = { join: 'open', history: 'since-join' } as const;

const notInTime = (what: string) => () =>
  new ClientError('timed-out', `${what}; it will once the server answers again.`);

/** Whether it is certain that nothing was appended. */
function isRefusal(error: unknown): boolean {
  const { code } = explain(error);
  return code === 'offline' || (error instanceof ProtocolError && code !== 'internal' && code !== 'stopping');
}

const wrongRoom = (name: RoomName) =>
  new ClientError(
    'wrong-room',
    `The server answered with another room than ${name}. It is not shown as ${name}; ask whoever runs the server.`,
  );

interface Place {
  readonly name: RoomName;
  readonly room: RoomId;
  /** The length of the log before this member joins. */
  readonly since: number;
}

const newRoom = ({ signer }: ClientContext, { name, room, since }: Place, prekey: Prekey): StoredRoom => ({
  name,
  state: emptyRoom(room, signer.fingerprint, { asked: name, since }),
  prekey: { publicKey: toBase64url(prekey.publicKey), privateKey: toBase64url(prekey.privateKey) },
  outbox: [],
  recent: [],
});

/**
 * Makes the request by which this user enters a room, its prekey stored before, and reads the log. Where the outcome is
 * unknown the room is kept: the next login, or the next attempt, finds out with the same prekey.
 */
async function enter(
  context: ClientContext,
  rooms: RoomSet,
  session: RoomSession,
  isNew: boolean,
  request: () => Promise<unknown>,
): Promise<void> {
  await context.save();
  try {
    await request();
  } catch (error) {
    // Of a room that was kept, an earlier attempt may have arrived.
    if (isNew && isRefusal(error)) rooms.forget(session);
    throw error;
  }
  await session.subscribe();
}

/** Resolves when the new room has its key. */
export async function createRoom(context: ClientContext, rooms: RoomSet, name: RoomName): Promise<RoomSession> {
  const { crypto, request } = context;
  const prekey = crypto.newPrekey();
  const { room, entry } = composeCreate(authorOf(context), name, policy, prekey);
  const session = rooms.adopt(newRoom(context, { name, room, since: 0 }, prekey));
  await enter(context, rooms, session, true, () => request('create-room', { cid: newClientId(crypto), entry }));
  const hasKey = () => currentSecret(session.state) !== null;
  await session.conditions.until(hasKey, stepWithin, notInTime('The room has no key yet'));
  return session;
}

/** Looks up how long the log is, and signs the join for that. */
async function appendJoin(context: ClientContext, name: RoomName, prekey: Uint8Array): Promise<void> {
  const { room, head } = await context.request('find-room', { name });
  const entry = composeJoin(authorOf(context), room, head, prekey);
  await context.request('append', { room, cid: newClientId(context.crypto), entry });
}

/** The join itself; twice at most, and none where an earlier attempt has arrived after all. */
async function requestJoin(context: ClientContext, name: RoomName, { prekey }: StoredRoom): Promise<void> {
  const publicKey = fromBase64url(prekey.publicKey);
  try {
    await appendJoin(context, name, publicKey).catch((error: unknown) => {
      // Somebody left between the look-up and the join, which made it look like a replay.
      if (explain(error).code !== 'entry-refused') throw error;
      return appendJoin(context, name, publicKey);
    });
  } catch (error) {
    if (explain(error).code !== 'already-a-member') throw error;
  }
}

/** Resolves when the membership is on the log. */
export async function joinRoom(context: ClientContext, rooms: RoomSet, name: RoomName): Promise<RoomSession> {
  const known = rooms.find(name);
  if (known?.joined === true && !known.removed) return known;
  const { room, head, joined } = await context.request('find-room', { name });
  const fresh = newRoom(context, { name, room, since: head }, context.crypto.newPrekey());
  const putOut = known?.room === room && known.removed && !joined;
  const session = putOut ? await reenter(context, rooms, known, fresh) : await enterNew(context, rooms, fresh, joined);

  const settled = () => session.joined || session.refused;
  await session.conditions.until(settled, stepWithin, notInTime('The room has not shown the join yet'));
  if (session.joined) return session;
  rooms.forget(session);
  throw wrongRoom(name);
}

async function enterNew(
  context: ClientContext,
  rooms: RoomSet,
  fresh: StoredRoom,
  joined: boolean,
): Promise<RoomSession> {
  const { name } = fresh;
  const known = rooms.find(name);
  const session = rooms.adopt(fresh);
  if (session.stored.name !== name) throw wrongRoom(name);
  const isNew = session !== known;
  if (joined && isNew) await leaveLost(context, session);
  await enter(context, rooms, session, isNew, () => requestJoin(context, name, session.stored));
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
  const session = rooms.replace(known, { ...fresh, recent: stored.recent });
  try {
    await enter(context, rooms, session, false, () => requestJoin(context, fresh.name, fresh));
  } catch (error) {
    if (isRefusal(error)) rooms.replace(session, { ...stored, outbox: [] }).shutOut();
    throw error;
  }
  return session;
}

/** This user is a member whose keys are lost: they leave, to join anew with new ones. */
async function leaveLost(context: ClientContext, session: RoomSession): Promise<void> {
  await session.subscribe();
  await session.conditions.until(() => session.isCaughtUp, stepWithin, notInTime('The log has not come'));
  await appendLeave(context, session);
}

async function appendLeave(context: ClientContext, session: RoomSession): Promise<void> {
  const entry = composeLeave(authorOf(context), session.state);
  await context.request('append', { room: session.room, cid: newClientId(context.crypto), entry });
}

/** Resolves when the log shows that this user left; all that was kept of the room is erased then. */
export async function leaveRoom(context: ClientContext, rooms: RoomSet, session: RoomSession): Promise<void> {
  try {
    await appendLeave(context, session);
    await session.conditions.until(
      () => !session.joined,
      stepWithin,
      notInTime('The room has not shown the leave yet'),
    );
  } catch (error) {
    // The server has us out already, or has lost the room: what is left of it is here.
    const { code } = explain(error);
    if (code !== 'not-a-member' && code !== 'unknown-room') throw error;
  }
  rooms.forget(session);
  await context.save();
}
