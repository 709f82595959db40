/** `epoch`: the room has a new key. All members judge by the same log, so all accept or refuse the same epochs. */
import { fromBase64url, type Payload, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, violation } from '../event.ts';
import { commitmentTo, stepSecret } from '../keys/schedule.ts';
import { isRecipient, membershipChanged, reads, removalPending } from '../people.ts';
import { type Epoch, type RoomState, without } from '../state.ts';
import { type Rule, refuse } from './step.ts';

/** The `previous` of a room's first epoch. */
export const noEpoch = '0'.repeat(64);

/** The secret of an epoch, when we can have it without a wrap: made by us, known from an earlier reading, or one step on. */
function ownSecret(state: RoomState, epoch: Epoch, crypto: RoomCrypto): string | null {
  if (state.draft?.hash === epoch.hash) return state.draft.secret;
  const known = state.secrets[epoch.number];
  if (known !== undefined) return known;
  const before = state.secrets[epoch.number - 1];
  if (epoch.kind === 'fresh' || before === undefined) return null;
  return toBase64url(stepSecret(crypto, fromBase64url(before), state.room, epoch.number));
}

/** Adds a secret that matches its epoch's commitment, and those that follow from it by steps; null when it does not match. */
export function withSecret(state: RoomState, epoch: Epoch, secret: string, crypto: RoomCrypto): RoomState | null {
  if (commitmentTo(crypto, fromBase64url(secret), state.room, epoch.number) !== epoch.commitment) return null;
  const known = { ...state, secrets: { ...state.secrets, [epoch.number]: secret } };
  const next = state.epochs[epoch.number + 1];
  if (next === undefined || next.kind !== 'step' || known.secrets[next.number] !== undefined) return known;
  const stepped = toBase64url(stepSecret(crypto, fromBase64url(secret), state.room, next.number));
  return withSecret(known, next, stepped, crypto) ?? known;
}

function reasonOf(state: RoomState, { reason }: Payload<'epoch'>): Extract<RoomEvent, { kind: 'epoch' }>['reason'] {
  if (reason !== 'membership') return reason;
  if (state.epoch === null) return 'created';
  return removalPending(state) ? 'removal' : 'join';
}

/** On top of the latest epoch, and an answer to the membership as it is. */
function isInPlace(state: RoomState, payload: Payload<'epoch'>): boolean {
  const before = state.epoch;
  const changed = membershipChanged(state);
  const onTop = payload.number === (before?.number ?? 0) + 1 && payload.previous === (before?.hash ?? noEpoch);
  const answers = payload.answers === state.membershipSeq && (payload.reason === 'membership') === changed;
  const mayStep = before !== null && changed && !removalPending(state);
  const mayHavePast = before !== null && state.policy?.history === 'all';
  return onTop && answers && (payload.kind === 'fresh' || mayStep) && (payload.past === undefined || mayHavePast);
}

export const applyEpoch: Rule<'epoch'> = (state, placed, payload, crypto) => {
  const { seq, hash, entry } = placed;
  if (!isInPlace(state, payload)) return refuse(state, placed, 'wrong-epoch', payload.author);

  const epoch: Epoch = {
    number: payload.number,
    hash,
    kind: payload.kind,
    author: entry.by,
    answers: payload.answers,
    commitment: payload.commitment,
    past: payload.past ?? null,
  };
  const ours = reads(state);
  const open: RoomState = {
    ...state,
    epoch,
    ...(epoch.kind === 'fresh' ? { freshSeq: seq, freshSeenAt: null } : {}),
    epochs: ours ? { ...state.epochs, [epoch.number]: epoch } : state.epochs,
    secrets: without(state.secrets, String(epoch.number)),
    draft: null,
  };

  const secret = ours ? ownSecret(state, epoch, crypto) : null;
  const held = secret === null ? null : withSecret(open, epoch, secret, crypto);
  const event: RoomEvent = {
    kind: 'epoch',
    seq,
    number: epoch.number,
    by: payload.author,
    reason: reasonOf(state, payload),
    key: held !== null ? 'held' : isRecipient(state) ? 'wanted' : 'none',
  };
  const wrong = secret !== null && held === null ? [violation('wrong-key', seq, payload.author)] : [];
  return { state: held ?? open, events: [event, ...wrong] };
};
