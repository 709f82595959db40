/** Creating, joining and leaving a room: what is asked of the server, and what must be stored before it is asked. */
import { type RoomId, type RoomName, toBase64url } from '@chat/protocol';
import { composeCreate, composeJoin, composeLeave, currentSecret, emptyRoom, type Prekey } from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from './context.ts';
import { ClientError } from './errors.ts';
import type { RoomSession } from './room-session.ts';
import type { RoomSet } from './room-set.ts';

/** How long a step may take that the server has accepted, in ms. */
const stepWithin = 20_000;

const policy = { join: 'open', history: 'since-join' } as const;

const notInTime = (what: string) => () =>
  new ClientError('timed-out', `${what}; it will once the server answers again.`);

/** Keeps the room's prekey before the request that names it is made, then reads the log. */
async function enter(
  context: ClientContext,
  rooms: RoomSet,
  { name, room, since, prekey }: { name: RoomName; room: RoomId; since: number; prekey: Prekey },
  request: () => Promise<unknown>,
): Promise<RoomSession> {
  const session = rooms.adopt({
    name,
    state: emptyRoom(room, context.signer.fingerprint, since),
    prekey: { publicKey: toBase64url(prekey.publicKey), privateKey: toBase64url(prekey.privateKey) },
    outbox: [],
    recent: [],
  });
  await context.save();
  try {
    await request();
  } catch (error) {
    const { code } = explain(error);
    // Where the outcome is unknown the room is kept: the next login finds out.
    if (code !== 'timed-out' && code !== 'unreachable') rooms.forget(session);
    throw error;
  }
  await session.subscribe();
  return session;
}

/** Resolves when the new room has its key. */
export async function createRoom(context: ClientContext, rooms: RoomSet, name: RoomName): Promise<RoomSession> {
  const { crypto, request } = context;
  const prekey = crypto.newPrekey();
  const { room, entry } = composeCreate(authorOf(context), name, policy, prekey);
  const session = await enter(context, rooms, { name, room, since: 0, prekey }, () =>
    request('create-room', { cid: newClientId(crypto), entry }),
  );
  await session.until(() => currentSecret(session.state) !== null, stepWithin, notInTime('The room has no key yet'));
  return session;
}

/** Looks up how long the log is, and signs the join for that. */
async function appendJoin(context: ClientContext, name: RoomName, prekey: Prekey): Promise<void> {
  const { room, head } = await context.request('find-room', { name });
  const entry = composeJoin(authorOf(context), room, head, prekey);
  await context.request('append', { room, cid: newClientId(context.crypto), entry });
}

/** Resolves when the membership is on the log. */
export async function joinRoom(context: ClientContext, rooms: RoomSet, name: RoomName): Promise<RoomSession> {
  const { room, head } = await context.request('find-room', { name });
  const prekey = context.crypto.newPrekey();
  const session = await enter(context, rooms, { name, room, since: head, prekey }, () =>
    appendJoin(context, name, prekey).catch((error: unknown) => {
      // Somebody left between the look-up and the join, which made it look like a replay.
      if (explain(error).code !== 'entry-refused') throw error;
      return appendJoin(context, name, prekey);
    }),
  );
  await session.until(() => session.joined, stepWithin, notInTime('The room has not shown the join yet'));
  return session;
}

/** Resolves when the log shows that this user left; all that was kept of the room is erased then. */
export async function leaveRoom(context: ClientContext, rooms: RoomSet, session: RoomSession): Promise<void> {
  const entry = composeLeave(authorOf(context), session.state);
  await context.request('append', { room: session.room, cid: newClientId(context.crypto), entry });
  await session.until(() => !session.joined, stepWithin, notInTime('The room has not shown the leave yet'));
  rooms.forget(session);
  await context.save();
}
