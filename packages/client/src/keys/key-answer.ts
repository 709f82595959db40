/** Answers another member's request for the room's latest key. */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import { composeKeyAnswer, currentSecret, invitedOf, membersOf, type RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { reportRefusedPrekeys } from './prekey-directory.ts';

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
  const { directory, crypto, request } = context;
  const { prekeys, refused } = await directory.find(room.roomId, [asker]);
  reportRefusedPrekeys(context, room, refused);
  const prekey = prekeys.get(asker.fingerprint);
  const wrap = prekey === undefined ? null : composeKeyAnswer(state, { to: asker.fingerprint, prekey }, crypto);
  if (wrap === null) return;
  try {
    await request('give-key', { room: room.roomId, number: epochNumber, wrap });
  } catch (error) {
    if (reactionTo('answer-key', error) !== 'done') throw error;
  }
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
