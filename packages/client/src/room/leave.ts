/**
 * Leaves a room. The wish to leave is stored before the server is asked. If the server's answer is lost, the client asks again on
 * each connection until the log or the server shows that the user is out.
 */
import type { RoomName } from '@chat/protocol';
import { composeLeave } from '@chat/room';
import { authorOf, type ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError, explain, isDisconnection, isRefusal } from '../errors.ts';
import { appendTo, effectTimeoutMs } from './room-append.ts';
import type { RoomSession } from './room-session.ts';

const leftHereOnly = ({ roomName, stored }: RoomSession): string =>
  `The server does not take the leave from ${roomName}, because its log is not the one that this client has read: the members still see you there.${stored.leaving === 'kept' ? '' : ' What was stored of the room here is erased.'}`;

interface Rooms {
  find(roomName: RoomName): RoomSession | null;
  forget(session: RoomSession): void;
  keepLeft(session: RoomSession): void;
  inTurn<T>(roomName: RoomName, work: () => Promise<T>): Promise<T>;
}

const limit = {
  timeoutMs: effectTimeoutMs,
  failure: () =>
    new ClientError('timed-out', 'The log does not show the leave yet; it will once the server answers again.'),
};

async function appendUntilOut(context: ClientContext, session: RoomSession): Promise<void> {
  const { ownMembership, conditions } = session;
  // What the server lacks is given back first: this client may be the only one that has it.
  await conditions.until(() => !session.recovery.underWay, limit);
  const isOut = () => !ownMembership.isJoined || ownMembership.isRemoved || ownMembership.isDenied;
  if (isOut()) return;
  await appendLeave(context, session);
  await conditions.until(isOut, limit);
}

/** Appends the `leave` entry. */
export async function appendLeave(context: ClientContext, session: RoomSession): Promise<void> {
  await appendTo(context, session, (state) => composeLeave(authorOf(context), state));
}

/**
 * Leaves a room for which the wish is stored. Everything stored of it is erased with the next save, unless the user has not asked for the
 * leave.
 *
 * @throws ClientError `timed-out`, and as `ClientContext.request` does; the wish stays stored
 */
export async function finishLeaving(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  try {
    await appendUntilOut(context, session);
  } catch (error) {
    const reaction = reactionTo('leave', error);
    if (reaction !== 'done' && reaction !== 'forget') throw error;
    if (reaction === 'forget') context.emit({ kind: 'trouble', code: 'left-here-only', reason: leftHereOnly(session) });
  }
  if (session.stored.leaving === 'kept') rooms.keepLeft(session);
  else rooms.forget(session);
}

/**
 * Leaves a room at the user's wish. Resolves when the log or the server shows that the user is out, and nothing of the room is stored.
 *
 * @throws ClientError `not-erased`: the user is out, and files may still have messages; and as `finishLeaving` does
 */
export async function leaveRoom(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  const { isLeaving } = session.ownMembership;
  session.keep({ leaving: true });
  await context.save();
  try {
    await finishLeaving(context, rooms, session);
  } catch (error) {
    // The server has done nothing, so the room is as before. But an earlier leave may have reached the server: that wish stays.
    if (!isLeaving && isRefusal(error)) session.keep({ leaving: undefined });
    throw error;
  }
  await context.erased();
}

/**
 * Stores the wish to leave, and leaves in the background: now or on a later connection.
 *
 * @param leaving `kept` if what is stored of the room is to stay, to be read
 */
export async function leaveInBackground(
  context: ClientContext,
  rooms: Rooms,
  session: RoomSession,
  leaving: true | 'kept',
): Promise<void> {
  session.keep({ leaving });
  await context.save();
  void resumeLeaving(context, rooms, session);
}

/** To be called after each login for a room that the user is leaving. Waits until the room is caught up or denied. */
export async function resumeLeaving(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  const { roomId, roomName } = session;
  try {
    await rooms.inTurn(roomName, async () => {
      if (rooms.find(roomName) !== session) return;
      const { ownMembership, conditions } = session;
      await conditions.until(
        () => session.isCaughtUp || session.log.blocked || ownMembership.isDenied || !ownMembership.isJoined,
        limit,
      );
      await finishLeaving(context, rooms, session);
      context.emit({ kind: 'left', roomId, roomName });
      await context.erased();
    });
  } catch (error) {
    // The next connection tries again.
    if (!isDisconnection(error)) context.emit({ kind: 'trouble', ...explain(error) });
  }
}
