/**
 * Leaving a room. That this user wants to is stored before the server is asked: where its answer is lost it is asked again
 * on the next connection, until the log shows that they are out or the server says so.
 */
import { ProtocolError, type RoomName } from '@chat/protocol';
import { composeLeave } from '@chat/room';
import { authorOf, type ClientContext, explain, isDisconnection } from '../context.ts';
import { ClientError } from '../errors.ts';
import { isRefusal } from '../refusal.ts';
import { appendTo, stepWithin } from './room-append.ts';
import type { RoomSession } from './room-session.ts';

interface Rooms {
  find(name: RoomName): RoomSession | undefined;
  /** Erases what is kept of a room. */
  forget(session: RoomSession): void;
  /** Does what concerns one name, one after another. */
  once<T>(name: RoomName, work: () => Promise<T>): Promise<T>;
}

const notShown = () =>
  new ClientError('timed-out', 'The room has not shown the leave yet; it will once the server answers again.');

/** The server has us out already, or has lost the room: what is left of it is here. */
const out: ReadonlySet<string> = new Set(['not-a-member', 'removed', 'unknown-room']);

async function appendUntilOut(context: ClientContext, session: RoomSession): Promise<void> {
  const { ownMembership: standing, conditions } = session;
  const isOut = () => !standing.joined || standing.removed || standing.denied;
  if (isOut()) return;
  await appendLeave(context, session);
  await conditions.until(isOut, stepWithin, notShown);
}

export async function appendLeave(context: ClientContext, session: RoomSession): Promise<void> {
  await appendTo(context, session, (state) => composeLeave(authorOf(context), state));
}

/**
 * Asks until this user is out; all that was kept of the room is erased then. Rejects as `request` does, and with
 * `timed-out`: the wish is kept.
 */
export async function finishLeaving(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  try {
    await appendUntilOut(context, session);
  } catch (error) {
    if (!(error instanceof ProtocolError && out.has(error.code))) throw error;
  }
  rooms.forget(session);
  await context.save();
}

/** Resolves when the log shows that this user left, or the server has them out. */
export async function leaveRoom(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  const wished = session.ownMembership.leaving;
  session.keep({ leaving: true });
  await context.save();
  try {
    await finishLeaving(context, rooms, session);
  } catch (error) {
    // Nothing was done for certain: the room is as it was. An earlier wish, which may have arrived, stands.
    if (!wished && isRefusal(error)) session.keep({ leaving: undefined });
    throw error;
  }
}

/** The same, done in its own time: now, or on a later connection. */
export async function wishToLeave(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  session.keep({ leaving: true });
  await context.save();
  void resumeLeaving(context, rooms, session);
}

/** To be called after each login for a room that was to be left: when it is caught up, or the server has denied it. */
export async function resumeLeaving(context: ClientContext, rooms: Rooms, session: RoomSession): Promise<void> {
  const { roomId: room, roomName: name } = session;
  try {
    await rooms.once(name, async () => {
      if (rooms.find(name) !== session) return;
      const { ownMembership: standing, conditions } = session;
      await conditions.until(() => session.isCaughtUp || standing.denied || !standing.joined, stepWithin, notShown);
      await finishLeaving(context, rooms, session);
      context.emit({ kind: 'left', roomId: room, roomName: name });
    });
  } catch (error) {
    // It is tried again on the next connection.
    if (!isDisconnection(error)) context.emit({ kind: 'trouble', ...explain(error) });
  }
}
