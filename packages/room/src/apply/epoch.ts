/** `epoch`: the room has a new key. All members judge by the same log, so all accept or reject the same epochs. */
import { type Fingerprint, fromBase64url, type Payload, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, violation } from '../event.ts';
import { isKeyNeedless } from '../keys/age.ts';
import { stepSecret } from '../keys/schedule.ts';
import { withSecret } from '../keys/secret.ts';
import { isMembershipUnanswered, isRecipient, isRemovalPending, mayRead } from '../people.ts';
import { type Epoch, type RoomState, without } from '../state.ts';
import { type Rule, reject } from './step.ts';

/** The `previous` field of a room's first epoch. */
export const noEpoch = '0'.repeat(64);

const isDraftOf = (hash: string, epoch: Epoch): boolean => hash === epoch.commitment || hash === epoch.hash;

/**
 * Returns the secret of an epoch if the client can determine it without a wrap: because it made the epoch, because the secret
 * is known from an earlier reading, or because the epoch is a step from a known secret. Null otherwise.
 */
function ownSecret(state: RoomState, epoch: Epoch, crypto: RoomCrypto): string | null {
  const own = epoch.author === state.me ? state.drafts.find(({ hash }) => isDraftOf(hash, epoch)) : undefined;
  if (own !== undefined) return own.secret;
  const known = state.secrets[epoch.number];
  if (known !== undefined) return known;
  const before = state.secrets[epoch.number - 1];
  if (epoch.kind === 'fresh' || before === undefined) return null;
  const place = { roomId: state.room, epochNumber: epoch.number };
  return toBase64url(stepSecret(crypto, fromBase64url(before), place));
}

function reasonOf(state: RoomState, { reason }: Payload<'epoch'>): Extract<RoomEvent, { kind: 'epoch' }>['reason'] {
  if (reason !== 'membership') return reason;
  if (state.epoch === null) return 'created';
  return isRemovalPending(state) ? 'removal' : 'join';
}

/**
 * True when the version may follow that of the latest epoch. Version 1 never follows 2, so that no member goes back to wraps that
 * rest on elliptic curves alone; and no step follows version 1, so that no such wrap leads to a later key.
 */
function hasVersionInOrder({ v, kind }: Payload<'epoch'>, before: Epoch | null): boolean {
  if (before === null || before.v === v) return true;
  return v === 2 && kind === 'fresh';
}

/** True when the epoch follows the latest one and answers the membership at its position. */
function isInPlace(state: RoomState, payload: Payload<'epoch'>): boolean {
  const before = state.epoch;
  const changed = isMembershipUnanswered(state);
  const follows = payload.number === (before?.number ?? 0) + 1 && payload.previous === (before?.hash ?? noEpoch);
  const answers = payload.answers === state.membershipSeq && (payload.reason === 'membership') === changed;
  const mayStep = before !== null && changed && !isRemovalPending(state);
  const mayHavePast = before !== null && state.policy?.history === 'all';
  const inPlace = follows && answers && hasVersionInOrder(payload, before);
  return inPlace && (payload.kind === 'fresh' || mayStep) && (payload.past === undefined || mayHavePast);
}

/** Authors in `actLast`: in a room with more such members, the one who was added first acts in its turn again. */
const maxActingLast = 8;

interface MadeEpoch extends Pick<Payload<'epoch'>, 'reason'> {
  readonly author: Fingerprint;
  readonly needless: boolean;
}

/** Returns who acts last after this epoch: its author too if it is needless, the one before it if that one's key was lacking. */
function actLastAfter({ epoch, actLast }: RoomState, { reason, author, needless }: MadeEpoch): RoomState['actLast'] {
  const before = reason === 'lost-key' && epoch?.author !== author ? epoch?.author : undefined;
  const added = needless ? author : before;
  if (added === undefined) return actLast;
  return [added, ...(actLast ?? []).filter((fingerprint) => fingerprint !== added)].slice(0, maxActingLast);
}

/** Applies an `epoch` entry. */
export const applyEpoch: Rule<'epoch'> = (state, placed, payload, crypto) => {
  const { seq, hash, entry } = placed;
  if (!isInPlace(state, payload)) return reject(state, placed, 'wrong-epoch', payload.author);

  const epoch: Epoch = {
    v: payload.v,
    number: payload.number,
    hash,
    kind: payload.kind,
    author: entry.by,
    answers: payload.answers,
    commitment: payload.commitment,
    wraps: payload.v === 2 ? payload.wraps : null,
    past: payload.past ?? null,
  };
  const readable = mayRead(state);
  const needless = isKeyNeedless(state, payload);
  const actLast = actLastAfter(state, { reason: payload.reason, author: entry.by, needless });
  const withoutSecret: RoomState = {
    ...state,
    epoch,
    ...(actLast === undefined ? {} : { actLast }),
    ...(epoch.kind === 'fresh' ? { freshSeq: seq, freshSeenAt: null } : {}),
    epochs: readable ? { ...state.epochs, [epoch.number]: epoch } : state.epochs,
    secrets: without(state.secrets, String(epoch.number)),
    drafts: [],
  };

  const secret = readable ? ownSecret(state, epoch, crypto) : null;
  const held = secret === null ? null : withSecret(withoutSecret, epoch, secret, crypto);
  const event: RoomEvent = {
    kind: 'epoch',
    seq,
    number: epoch.number,
    by: payload.author,
    reason: reasonOf(state, payload),
    key: held !== null ? 'held' : isRecipient(state) ? 'wanted' : 'none',
  };
  const wrong = secret !== null && held === null ? [violation('wrong-key', seq, payload.author)] : [];
  const reported = needless ? [violation('needless-key', seq, payload.author)] : [];
  return { state: held ?? withoutSecret, events: [event, ...reported, ...wrong] };
};
