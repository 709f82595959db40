/**
 * A room's next key as this member proposes it: everybody's prekeys, a wrap for each, then the entry. In a room of a thousand
 * that is seconds of work: it is done in parts, and given up when the room has moved on under it.
 */
import {
  type Fingerprint,
  limits,
  type PublicIdentity,
  type RoomId,
  type RoomName,
  type UserName,
  type Wrap,
} from '@chat/protocol';
import { type Author, beginEpoch, type Proposal, type RoomState, recipientsOf } from '@chat/room';
import { authorOf, type ClientContext, type FoundPrekeys, newClientId } from '../context.ts';
import { nextTurn } from '../scheduler.ts';

/** Wraps that are made in one go: some 20 ms. */
const part = 8;

/** What a new key would answer: the latest membership, and the key that it would replace. */
export const occasionOf = (state: RoomState): string => `${state.membershipSeq} ${state.epoch?.number ?? 0}`;

export interface ProposingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  /** Keeps what was proposed, to know it again on the log: the key is in it. */
  propose(draft: RoomState['draft']): void;
}

/**
 * Hands the next key to the server, unless the room moves on before it is made. Rejects as `request` does.
 *
 * @param wrongPrekeys is called with those whose prekey is not certainly theirs, if any: they get no wrap
 */
export async function proposeEpoch(
  context: ClientContext,
  room: ProposingRoom,
  wrongPrekeys: (users: readonly UserName[]) => void,
): Promise<void> {
  const { state } = room;
  const author = authorOf(context);
  const hasMovedOn = () => occasionOf(room.state) !== occasionOf(state);
  const { prekeys, wrong } = await prekeysOf(context, recipientsOf(state, author.now));
  if (wrong.length > 0) wrongPrekeys(wrong);
  if (hasMovedOn()) return;
  const proposal = await compose(context, author, state, prekeys, hasMovedOn);
  if (proposal === null) return;
  room.propose(proposal.state.draft);
  await context.save();
  await handOver(context, room, (state.epoch?.number ?? 0) + 1, proposal);
}

/** Where to wrap to; our own is known without asking. Whoever has no prekey, or none that is certainly theirs, is left out. */
async function prekeysOf(context: ClientContext, recipients: readonly PublicIdentity[]): Promise<FoundPrekeys> {
  const me = context.signer.fingerprint;
  const found = await context.directory.find(recipients.filter(({ fingerprint }) => fingerprint !== me));
  const [own] = context.prekeys.keys;
  return own === undefined ? found : { ...found, prekeys: new Map([...found.prekeys, [me, own.publicKey]]) };
}

async function compose(
  { scheduler }: ClientContext,
  author: Author,
  state: RoomState,
  prekeys: ReadonlyMap<Fingerprint, Uint8Array>,
  hasMovedOn: () => boolean,
): Promise<Proposal | null> {
  const draft = beginEpoch(author, state, prekeys);
  const wraps: Wrap[] = [];
  for (let from = 0; from < draft.recipients.length; from += part) {
    if (from > 0) await nextTurn(scheduler);
    if (hasMovedOn()) return null;
    wraps.push(...draft.wrap(from, from + part));
  }
  return draft.finish(wraps);
}

async function handOver(
  { request, crypto }: ClientContext,
  { roomId: room }: ProposingRoom,
  number: number,
  { entry, wraps }: Proposal,
): Promise<void> {
  for (let from = 0; from < wraps.length; from += limits.wrapsPerRequest) {
    await request('put-wraps', { room, number, wraps: wraps.slice(from, from + limits.wrapsPerRequest) });
  }
  await request('append', { room, cid: newClientId(crypto), entry });
}
