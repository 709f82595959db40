/** Opens direct rooms. Both users derive the room's name; the user who opens it invites the other one. */
import { directRoomName, type Policy, type RoomName, type UserName } from '@chat/protocol';
import { RoomError } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { ClientError, explain } from '../errors.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import { invite, pinnedIdentity } from './invite.ts';
import { createRoom, joinRoom } from './join.ts';

const directPolicy: Policy = { join: 'direct', history: 'since-join' };

/** If both users open the room at once, the second one waits for the first one's invitation. */
const invitationWait = { attempts: 5, pauseMs: 500 } as const;

const taken = (user: UserName) =>
  new ClientError(
    'room-name-taken',
    `A direct room of you and ${user} exists already, and you are not in it: it opens once ${user} writes to you.`,
  );

/** Returns the direct room with this user; opens it if there is none. */
export async function openDirect(context: ClientContext, rooms: RoomSet, user: UserName): Promise<RoomSession> {
  if (user === context.user) throw new RoomError('not-allowed', 'A direct room needs another user: name one.');
  const open = rooms.directWith(user);
  if (open !== null) return open;
  const { fingerprint } = await pinnedIdentity(context, user);
  const roomName = directRoomName(context.signer.fingerprint, fingerprint);
  return rooms.inTurn(roomName, async () => {
    const session = await enterDirect(context, rooms, roomName, user);
    const { members, invited } = session.state;
    const isThere = Object.hasOwn(members, fingerprint) || Object.hasOwn(invited, fingerprint);
    // An earlier opening was interrupted before the invitation, or the other user has left since.
    if (!isThere) await invite(context, session, user, fingerprint);
    return session;
  });
}

async function enterDirect(
  context: ClientContext,
  rooms: RoomSet,
  roomName: RoomName,
  user: UserName,
): Promise<RoomSession> {
  if (rooms.find(roomName) !== null) return joinRoom(context, rooms, roomName);
  try {
    return await createRoom(context, rooms, roomName, directPolicy);
  } catch (error) {
    if (explain(error).code !== 'room-name-taken') throw error;
  }
  return joinOnceInvited(context, rooms, roomName, user);
}

async function joinOnceInvited(
  context: ClientContext,
  rooms: RoomSet,
  roomName: RoomName,
  user: UserName,
): Promise<RoomSession> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await joinRoom(context, rooms, roomName);
    } catch (error) {
      if (explain(error).code !== 'not-invited') throw error;
      if (attempt === invitationWait.attempts) throw taken(user);
    }
    await new Promise<void>((resolve) => context.scheduler.after(invitationWait.pauseMs, resolve));
  }
}
