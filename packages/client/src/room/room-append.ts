/** Appends entries that contain an author view. An entry is composed again if its view has become too old to be compared. */
import type { SignedEntry } from '@chat/protocol';
import type { RoomEvent, RoomState } from '@chat/room';
import { type ClientContext, newClientId } from '../context.ts';
import { ClientError, explain } from '../errors.ts';
import type { WaitLimit } from './conditions.ts';
import type { RoomSession } from './room-session.ts';

/** How long the client waits until the log shows the effect of a request, or a state on which the request depends. */
export const effectTimeoutMs = 20_000;

const maxAttempts = 3;

/**
 * Waits for a condition, but no longer than the user has access to the room: the server sends nothing of a room after that, so the
 * condition would never hold.
 *
 * @throws ClientError `removed`, `access-revoked`, `room-deleted`; and as `Conditions.until` does
 */
export async function whileAdmitted(session: RoomSession, condition: () => boolean, limit: WaitLimit): Promise<void> {
  const { ownMembership, conditions, state: before } = session;
  // What is stored may be older than the user's readmission: only what is read from now on counts, or the end of the log.
  const since = Math.max(before.since, before.head.seq);
  const hasEnded = (): boolean => {
    const { left, me } = session.state;
    const isKnown = ownMembership.isDenied || session.isCaughtUp || (left.get(me) ?? 0) > since;
    return isKnown && ownMembership.exclusion !== null;
  };
  await conditions.until(() => condition() || hasEnded(), limit);
  const { exclusion } = ownMembership;
  if (!condition() && exclusion !== null) throw exclusion;
}

/**
 * Appends what `compose` makes of the present state. If the server answers that the author view is too old, it waits until the
 * client has read on and composes again.
 *
 * @throws what `compose` throws, and as `ClientContext.request` does
 */
export async function appendTo(
  { request, crypto }: ClientContext,
  session: RoomSession,
  compose: (state: RoomState) => SignedEntry,
): Promise<{ readonly seq: number }> {
  const { roomId, conditions, ownMembership } = session;
  const unread = () =>
    new ClientError('timed-out', 'The client has not read the room to its end yet: try again later.');
  const isReady = () => !ownMembership.isRereading && session.isOwnKeyCurrent;
  await conditions.until(isReady, { timeoutMs: effectTimeoutMs, failure: unread });
  for (let attempt = 1; ; attempt++) {
    const { state } = session;
    try {
      return await request('append', { room: roomId, cid: newClientId(crypto), entry: compose(state) });
    } catch (error) {
      if (explain(error).code !== 'stale-view' || attempt === maxAttempts) throw error;
      const failure = () => (error instanceof Error ? error : new Error(String(error)));
      await conditions.until(() => session.state.head.seq > state.head.seq, { timeoutMs: effectTimeoutMs, failure });
    }
  }
}

/** A decision on a room's members. */
export interface Decision {
  readonly compose: (state: RoomState) => SignedEntry;
  /** True for a state that shows the effect. */
  readonly isEffective: (state: RoomState) => boolean;
  /** True for an event that is the effect, of an entry of this user. A later entry may have undone it in the state after both. */
  readonly isEffect: (event: RoomEvent) => boolean;
}

/**
 * Appends an entry and waits until the log shows its effect; the server's acknowledgement is not enough.
 *
 * @throws ClientError `not-delivered` if the log has reached the acknowledged position without the effect; and as `whileAdmitted` does
 */
export async function appendDecision(
  context: ClientContext,
  session: RoomSession,
  { compose, isEffective, isEffect }: Decision,
): Promise<void> {
  let wasEffective = false;
  // From now on, because the log may show the entry before the answer of the server has arrived.
  const stopListening = session.conditions.listen((event) => {
    wasEffective ||= 'by' in event && event.by === context.user && isEffect(event);
  });
  try {
    const { seq } = await appendTo(context, session, compose);
    const isDecided = () => {
      wasEffective ||= isEffective(session.state);
      return wasEffective || session.state.head.seq >= seq;
    };
    await whileAdmitted(session, isDecided, { timeoutMs: effectTimeoutMs, failure: late });
  } finally {
    stopListening();
  }
  if (wasEffective) return;
  throw new ClientError(
    'not-delivered',
    'The server acknowledged this decision, but its log does not show it: the server may be withholding it.',
  );
}

const late = () =>
  new ClientError('timed-out', 'The log does not show the decision yet; it will once the server answers again.');
