/** Answers another member's request for the room's latest key. */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import { composeKeyAnswer, invitedOf, membersOf, type RoomState } from '@chat/room';
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
 * Answers if, by this client's own log, the epoch is the latest one and the user is one of its recipients. Otherwise it does
 * nothing, and the user asks another member.
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
