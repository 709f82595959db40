/** A conversation of two: a room whose name both can work out, which the other one is invited to when it is opened. */
import { directRoomName, type Policy, type RoomName, type UserName } from '@chat/protocol';
import { RoomError } from '@chat/room';
import { type ClientContext, explain } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { RoomSession } from '../room/room-session.ts';
import type { RoomSet } from '../room/room-set.ts';
import { findIdentity, invite } from './invite.ts';
import { createRoom, joinRoom } from './join.ts';

const policy: Policy = { join: 'direct', history: 'since-join' };

/** When both open it at once, the one who comes second waits for the other's invitation: this often, this long each, in ms. */
const patience = { attempts: 5, pause: 500 } as const;

const taken = (user: UserName) =>
  new ClientError(
    'room-name-taken',
    `There is a conversation of you and ${user} already that you are not in: it opens once ${user} writes to you.`,
  );

export async function openDirect(context: ClientContext, rooms: RoomSet, user: UserName): Promise<RoomSession> {
  if (user === context.user) throw new RoomError('not-allowed', 'A conversation is of two: name somebody else.');
  const open = rooms.directWith(user);
  if (open !== undefined) return open;
  const { fingerprint } = await findIdentity(context, user);
  const name = directRoomName(context.signer.fingerprint, fingerprint);
  return rooms.once(name, async () => {
    const session = await enterDirect(context, rooms, name, user);
    const { members, invited } = session.state;
    const isThere = Object.hasOwn(members, fingerprint) || Object.hasOwn(invited, fingerprint);
    // It was opened and not seen through, or they have left it since.
    if (!isThere) await invite(context, session, user, fingerprint);
    return session;
  });
}

async function enterDirect(
  context: ClientContext,
  rooms: RoomSet,
  name: RoomName,
  user: UserName,
): Promise<RoomSession> {
  if (rooms.find(name) !== undefined) return joinRoom(context, rooms, name);
  try {
    return await createRoom(context, rooms, name, policy);
  } catch (error) {
    if (explain(error).code !== 'room-name-taken') throw error;
  }
  return joinOnceInvited(context, rooms, name, user);
}

async function joinOnceInvited(
  context: ClientContext,
  rooms: RoomSet,
  name: RoomName,
  user: UserName,
): Promise<RoomSession> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await joinRoom(context, rooms, name);
    } catch (error) {
      if (explain(error).code !== 'not-invited') throw error;
      if (attempt === patience.attempts) throw taken(user);
    }
    await new Promise<void>((resolve) => context.scheduler.after(patience.pause, resolve));
  }
}
