/** Answers another member's request for the room's latest key. */
import type { PublicIdentity, RequestOf, RoomId, RoomName, UserName } from '@chat/protocol';
import { composeKeyAnswer, currentSecret, invitedOf, linkOf, membersOf, type RoomState } from '@chat/room';
import type { ClientContext, RefusedPrekey } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { Turns } from '../scheduler.ts';
import { reportRefusedPrekeys } from './prekey-directory.ts';
import { openLinks } from './wrap-slots.ts';

/** The room for which a key is requested. */
export interface AnsweringRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** True if the client may act: connected, caught up, and no changed identity in the room. */
  readonly mayAct: boolean;
}

/**
 * Answers if, by this client's own log, the epoch is the latest one and the user is one of its recipients: with the key, or that this
 * client lacks it too. Otherwise it does nothing, and the user asks another member.
 *
 * @throws as `ClientContext.request` does
 */
export async function answerKey(
  context: ClientContext,
  room: AnsweringRoom,
  epochNumber: number,
  user: UserName,
): Promise<void> {
  const { state, mayAct } = room;
  const asker = [...membersOf(state), ...invitedOf(state)].find((recipient) => recipient.user === user);
  if (!mayAct || state.epoch?.number !== epochNumber || asker === undefined) return;
  if (currentSecret(state) === null) return denyKey(context, room.roomId, { epochNumber, user });
  const wrap = await wrapFor(context, room, asker);
  if (wrap === null || (await give(context, room.roomId, { number: epochNumber, to: asker.fingerprint, wrap }))) return;
  // The server has lost the link, or the asker cannot use it: another one, once.
  if (!context.outgoing.lose(asker.fingerprint, linkOf(wrap))) return;
  const again = await wrapFor(context, room, asker);
  if (again !== null) await give(context, room.roomId, { number: epochNumber, to: asker.fingerprint, wrap: again });
}

/** Wraps the key over the link to the member that asks; null without a link. A link that became too old meanwhile is opened anew, once. */
async function wrapFor(context: ClientContext, room: AnsweringRoom, asker: PublicIdentity): Promise<Uint8Array | null> {
  const { roomId, state } = room;
  const reportRefused = (refused: readonly RefusedPrekey[]) => reportRefusedPrekeys(context, room, refused);
  const { outgoing } = context;
  const { fingerprint: to } = asker;
  for (let attempt = 1; ; attempt++) {
    const wasUsable = outgoing.isUsable(to);
    const opened = await openLinks(context, {
      roomId,
      recipients: [asker],
      turns: new Turns(context.scheduler),
      reportRefused,
    });
    const wrap = outgoing.wrap(to, (link) => composeKeyAnswer(state, { to, link }));
    await context.save();
    if (wrap !== null || attempt === 2 || !(wasUsable || opened.has(to))) return wrap;
  }
}

/** Returns false if the server has no link for this wrap. */
async function give(
  { request }: Pick<ClientContext, 'request'>,
  roomId: RoomId,
  answer: Omit<RequestOf<'give-key'>, 'room'>,
): Promise<boolean> {
  try {
    await request('give-key', { room: roomId, ...answer });
  } catch (error) {
    const reaction = reactionTo('answer-key', error);
    if (reaction === 'retry') return false;
    if (reaction !== 'done') throw error;
  }
  return true;
}

/** A member's request for the key of an epoch. */
export interface AskedKey {
  readonly epochNumber: number;
  readonly user: UserName;
}

/**
 * Answers that this client lacks the key too, so that the user does not wait for it.
 *
 * @throws as `ClientContext.request` does
 */
export async function denyKey(
  { request }: Pick<ClientContext, 'request'>,
  roomId: RoomId,
  { epochNumber, user }: AskedKey,
): Promise<void> {
  try {
    await request('lack-key', { room: roomId, number: epochNumber, user });
  } catch (error) {
    if (reactionTo('answer-key', error) !== 'done') throw error;
  }
}
