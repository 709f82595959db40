/**
 * Makes a room's next epoch: wraps its secret over the link to each recipient, and appends the entry. In a large room this takes
 * several turns of the event loop and several requests, and it is stopped when the room changes in between.
 */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import { beginEpoch, type RoomState, slotAt } from '@chat/room';
import { authorOf, type ClientContext, newClientId, type RefusedPrekey } from '../context.ts';
import { Turns } from '../scheduler.ts';
import { fillSlots } from './wrap-slots.ts';

/** Identifies what a new epoch would react to: the latest membership change and the epoch that it replaces. */
export const occasionOf = (state: RoomState): string => `${state.membershipSeq} ${state.epoch?.number ?? 0}`;

/** The room for which an epoch is made. */
export interface ProposingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** Keeps the proposed epochs and their secrets, to recognise their entries on the log. */
  propose(drafts: RoomState['drafts']): void;
}

/**
 * Makes the next epoch and sends it to the server. Stops without an error if the room changes before it is made.
 *
 * @param reportRefused called with the prekeys that were refused, if any; their users get no wrap
 * @returns the members who get no wrap
 * @throws as `ClientContext.request` does
 */
export async function proposeEpoch(
  context: ClientContext,
  room: ProposingRoom,
  reportRefused: (refused: readonly RefusedPrekey[]) => void,
): Promise<readonly UserName[]> {
  const { state, roomId } = room;
  const hasMovedOn = () => occasionOf(room.state) !== occasionOf(state);
  const draft = beginEpoch(authorOf(context), state);
  room.propose(draft.drafts);
  const turns = new Turns(context.scheduler);
  const slots = await fillSlots(context, { roomId, draft, turns, hasMovedOn, reportRefused });
  if (slots === null) return [];
  const { request, crypto, signer } = context;
  const entry = await turns.finish(draft.finish(slots));
  if (hasMovedOn()) return [];
  await request('append', { room: roomId, cid: newClientId(crypto), entry });
  return draft.recipients.flatMap(({ user, fingerprint }, place) => {
    const isLeftOut = fingerprint !== signer.fingerprint && slotAt(slots, place) === null;
    return isLeftOut && state.members.has(fingerprint) ? [user] : [];
  });
}
