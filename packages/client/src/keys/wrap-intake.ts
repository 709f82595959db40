/** Takes the wrap of an epoch for this user: opens it over its link, and finds out who is at fault when that leads to no secret. */
import { type Fingerprint, ProtocolError, type WrapProof } from '@chat/protocol';
import { type Applied, acceptWrap, judgeWrap, type RoomState } from '@chat/room';
import type { ClientContext, FoundWrap } from '../context.ts';
import { reactionTo } from '../error-policy.ts';

type Recipient = Pick<ClientContext, 'incoming' | 'mail' | 'crypto' | 'request'>;

/** A wrap that was received for an epoch. */
export type ReceivedWrap = Pick<FoundWrap, 'epochNumber' | 'from' | 'wrap'>;

/** What a wrap leads to: the state with the secret, or why there is none. */
type Opened = RoomState | 'unknown' | 'used' | 'wrong';

function openWrap({ incoming, crypto }: Recipient, state: RoomState, found: FoundWrap): Opened {
  const unwrapped = incoming.unwrap(found);
  if (typeof unwrapped === 'string') return unwrapped;
  return acceptWrap(state, { epochNumber: found.epochNumber, secret: unwrapped.key }, crypto) ?? 'wrong';
}

/** Opens a wrap. The opening of its link may still wait at the server. */
async function open(recipient: Recipient, state: RoomState, found: FoundWrap): Promise<Opened> {
  const opened = openWrap(recipient, state, found);
  if (opened !== 'unknown') return opened;
  await recipient.mail.fetch();
  return openWrap(recipient, state, found);
}

/** Erases the link of a wrap, which this client cannot use, and tells the server, so that the sender opens another one. */
const reportLost = ({ incoming, mail }: Recipient, found: FoundWrap): Promise<void> =>
  mail.reportLost([incoming.drop(found)]);

const isUnusable = (opened: Opened): opened is 'unknown' | 'used' => opened === 'unknown' || opened === 'used';

/**
 * Takes the wrap that the author of an epoch has made. If it leads to no secret, the server must prove that the author has made it.
 *
 * @returns the state with the secret, or the unchanged state; with a violation if the author or the server is at fault
 * @throws as `ClientContext.request` does
 */
export async function takeWrap(recipient: Recipient, state: RoomState, received: ReceivedWrap): Promise<Applied> {
  const { epochNumber } = received;
  let found: FoundWrap = { roomId: state.room, ...received };
  let opened = await open(recipient, state, found);
  if (typeof opened !== 'string') return { state: opened, events: [] };
  const proof = await proofOf(recipient, state, epochNumber);
  let altered: Applied['events'] = [];
  if (proof !== null && proof.wrap !== null && !isSame(proof.wrap, found.wrap)) {
    // The server has sent another wrap than the one that it proves.
    altered = [{ kind: 'violation', code: 'wrong-wrap', seq: state.head.seq, user: null }];
    found = { ...found, wrap: proof.wrap };
    opened = await open(recipient, state, found);
    if (typeof opened !== 'string') return { state: opened, events: altered };
  }
  const event = judgeWrap(state, epochNumber, proof);
  if (event?.kind === 'violation' && event.code === 'wrong-wrap') return { state, events: [event] };
  // Without its link, this client cannot see whether the author is at fault.
  if (!isUnusable(opened)) return { state, events: event === null ? altered : [...altered, event] };
  await reportLost(recipient, found);
  return { state, events: altered };
}

/**
 * Takes the wrap of a key answer.
 *
 * @returns the state with the secret. `unusable`: this client cannot use the link, and has told the server
 */
export async function takeAnswer(
  recipient: Recipient,
  state: RoomState,
  answer: ReceivedWrap,
): Promise<RoomState | 'wrong' | 'unusable'> {
  const found = { roomId: state.room, ...answer };
  const opened = await open(recipient, state, found);
  if (!isUnusable(opened)) return opened;
  await reportLost(recipient, found);
  return 'unusable';
}

/** Returns null if the server has no proof. */
async function proofOf({ request }: Recipient, state: RoomState, number: number): Promise<WrapProof | null> {
  try {
    const { wrap, ...place } = await request('get-wrap-proof', { room: state.room, number });
    return wrap === null ? null : { ...place, wrap: wrap.length === 0 ? null : wrap };
  } catch (error) {
    if (error instanceof ProtocolError && reactionTo('fetch-key', error) === 'ask-others') return null;
    throw error;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Returns the author of an epoch; null if the state does not know the epoch. */
export const authorOfEpoch = ({ epochs }: RoomState, epochNumber: number): Fingerprint | null =>
  epochs[epochNumber]?.author ?? null;
