/** Entries that say what their author saw of the log: composed anew where that has become too old to be compared. */
import type { SignedEntry } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import { type ClientContext, explain, newClientId } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { RoomSession } from './room-session.ts';

/** How long a step may take that the server has accepted, or that it waits for, in ms. */
export const stepWithin = 20_000;

const attempts = 3;

/**
 * Appends what `compose` makes of the room as it is known, once more each time the server says that the log has gone on.
 * Rejects with what `compose` throws, and as `request` does.
 */
export async function appendTo(
  { request, crypto }: ClientContext,
  session: RoomSession,
  compose: (state: RoomState) => SignedEntry,
): Promise<{ readonly seq: number }> {
  const { roomId: room, conditions, ownMembership: standing } = session;
  const notKnown = () => new ClientError('timed-out', 'The room has not been read to its end yet: try again then.');
  await conditions.until(() => !standing.rereading, stepWithin, notKnown);
  for (let attempt = 1; ; attempt++) {
    const { state } = session;
    try {
      return await request('append', { room, cid: newClientId(crypto), entry: compose(state) });
    } catch (error) {
      if (explain(error).code !== 'stale-view' || attempt === attempts) throw error;
      const hasGoneOn = () => session.state.head.seq > state.head.seq;
      await conditions.until(hasGoneOn, stepWithin, () => (error instanceof Error ? error : new Error(String(error))));
    }
  }
}

/**
 * The same, and waits for what it does to the room: the server's word that it has the entry is not enough.
 * Rejects with `not-delivered` when the log has come to its place without showing it, `timed-out`.
 */
export async function decide(
  context: ClientContext,
  session: RoomSession,
  compose: (state: RoomState) => SignedEntry,
  took: (state: RoomState) => boolean,
): Promise<void> {
  const { seq } = await appendTo(context, session, compose);
  // What others do may undo it again, so it is looked for at each step and not only at the end.
  let seen = false;
  const isShown = () => {
    seen ||= took(session.state);
    return seen || session.state.head.seq >= seq;
  };
  const late = () =>
    new ClientError('timed-out', 'The room has not shown it yet; it will once the server answers again.');
  await session.conditions.until(isShown, stepWithin, late);
  if (seen) return;
  const reason =
    'The server says that it has this decision, and does not show it on the log: it may be holding it back.';
  throw new ClientError('not-delivered', reason);
}
