/** Giving a room's key to a member to whom it has not come, when they ask this one for it. */
import { ProtocolError, type RoomId, type RoomName, type UserName } from '@chat/protocol';
import { composeKeyAnswer, invitedOf, membersOf, type RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { tellWrongPrekeys } from './wrong-prekey.ts';

/** Refusals after which there is nothing left to answer: who asked has gone, or has the key by now. */
const settled: ReadonlySet<string> = new Set(['unknown-member', 'not-allowed']);

export interface AnsweringRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** Whether this member may act: connected, caught up, and no identity in the room in doubt. */
  readonly mayAct: boolean;
}

/**
 * Answers if, by this member's own log, the latest epoch is that one and was made for whoever asks. Else it does nothing:
 * the one who asks goes on to somebody else. Rejects as `request` does.
 */
export async function answerKey(
  context: ClientContext,
  room: AnsweringRoom,
  number: number,
  user: UserName,
): Promise<void> {
  const { state, mayAct } = room;
  const asker = [...membersOf(state), ...invitedOf(state)].find((person) => person.user === user);
  if (!mayAct || state.epoch?.number !== number || asker === undefined) return;
  const { directory, crypto, request } = context;
  const { prekeys, wrong } = await directory.find([asker]);
  tellWrongPrekeys(context, room, wrong);
  const prekey = prekeys.get(asker.fingerprint);
  const wrap = prekey === undefined ? null : composeKeyAnswer(state, { to: asker.fingerprint, prekey }, crypto);
  if (wrap === null) return;
  try {
    await request('give-key', { room: room.roomId, number, wrap });
  } catch (error) {
    if (!(error instanceof ProtocolError && settled.has(error.code))) throw error;
  }
}
