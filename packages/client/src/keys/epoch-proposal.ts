/**
 * Makes a room's next epoch: fetches the prekeys of all recipients, wraps the secret for each, and appends the entry. In a room
 * of a thousand members this takes seconds, so it is done in parts, and stopped when the room changes in between.
 */
import { type Fingerprint, limits, type PublicIdentity, type RoomId, type RoomName, type Wrap } from '@chat/protocol';
import { type Author, beginEpoch, type Proposal, type RoomState, recipientsOf } from '@chat/room';
import { authorOf, type ClientContext, type FoundPrekeys, newClientId, type RefusedPrekey } from '../context.ts';
import { nextTurn } from '../scheduler.ts';

/** Wraps between two turns of the event loop: about 20 ms of work. */
const wrapsPerTurn = 8;

/** Identifies what a new epoch would react to: the latest membership change and the epoch that it replaces. */
export const occasionOf = (state: RoomState): string => `${state.membershipSeq} ${state.epoch?.number ?? 0}`;

/** The room for which an epoch is made. */
export interface ProposingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** Keeps the proposed epoch and its secret, to recognise the entry on the log. */
  propose(draft: RoomState['draft']): void;
}

/**
 * Makes the next epoch and sends it to the server. Stops without an error if the room changes before it is made.
 *
 * @param reportRefused called with the prekeys that were refused, if any; their users get no wrap
 * @throws as `ClientContext.request` does
 */
export async function proposeEpoch(
  context: ClientContext,
  room: ProposingRoom,
  reportRefused: (refused: readonly RefusedPrekey[]) => void,
): Promise<void> {
  const { state } = room;
  const author = authorOf(context);
  const hasMovedOn = () => occasionOf(room.state) !== occasionOf(state);
  const { prekeys, refused } = await prekeysOf(context, room.roomId, recipientsOf(state, author.now));
  if (refused.length > 0) reportRefused(refused);
  if (hasMovedOn()) return;
  const proposal = await compose(context, { author, state, prekeys, hasMovedOn });
  if (proposal === null) return;
  room.propose(proposal.state.draft);
  await context.save();
  await sendProposal(context, room.roomId, (state.epoch?.number ?? 0) + 1, proposal);
}

/** Returns the prekeys to wrap to. The own prekey needs no request. */
async function prekeysOf(
  context: ClientContext,
  roomId: RoomId,
  recipients: readonly PublicIdentity[],
): Promise<FoundPrekeys> {
  const me = context.signer.fingerprint;
  const found = await context.directory.find(
    roomId,
    recipients.filter(({ fingerprint }) => fingerprint !== me),
  );
  const [own] = context.prekeys.keys;
  return own === undefined ? found : { ...found, prekeys: new Map([...found.prekeys, [me, own.publicKey]]) };
}

interface Occasion {
  readonly author: Author;
  readonly state: RoomState;
  readonly prekeys: ReadonlyMap<Fingerprint, Uint8Array>;
  readonly hasMovedOn: () => boolean;
}

/** Returns null if the room has changed. */
async function compose(
  { scheduler }: ClientContext,
  { author, state, prekeys, hasMovedOn }: Occasion,
): Promise<Proposal | null> {
  const draft = beginEpoch(author, state, prekeys);
  const wraps: Wrap[] = [];
  for (let from = 0; from < draft.recipients.length; from += wrapsPerTurn) {
    if (from > 0) await nextTurn(scheduler);
    if (hasMovedOn()) return null;
    wraps.push(...draft.wrap(from, from + wrapsPerTurn));
  }
  return draft.finish(wraps);
}

async function sendProposal(
  { request, crypto }: ClientContext,
  roomId: RoomId,
  epochNumber: number,
  { entry, wraps }: Proposal,
): Promise<void> {
  for (let from = 0; from < wraps.length; from += limits.wrapsPerRequest) {
    const part = wraps.slice(from, from + limits.wrapsPerRequest);
    await request('put-wraps', { room: roomId, number: epochNumber, wraps: part });
  }
  await request('append', { room: roomId, cid: newClientId(crypto), entry });
}
