/**
 * The hub's duty: a new key after every change of the membership, and whenever the old one has been used for long enough,
 * wrapped to those who are to have it.
 */
import {
  entryHash,
  fromBase64url,
  type Payload,
  type SignedEntry,
  toBase64url,
  type UserName,
  type Wrap,
  wrapsDigest,
} from '@chat/protocol';
import { noEpoch } from './apply/epoch.ts';
import { type Author, signEntry } from './compose.ts';
import type { RoomCrypto } from './crypto.ts';
import { RoomError } from './errors.ts';
import { rekeyDue } from './key-age.ts';
import { commitmentTo, secretBytes, stepSecret, wrapContext } from './key-schedule.ts';
import { currentSecret } from './secret.ts';
import {
  isMember,
  isPresent,
  type Member,
  membershipChanged,
  membersOf,
  type RoomState,
  removalPending,
} from './state.ts';

/** Whether the latest epoch was made for us too, and its key has not reached us. */
export const lacksKey = (state: RoomState): boolean =>
  isPresent(state) &&
  state.epoch !== null &&
  state.epochs[state.epoch.number] !== undefined &&
  currentSecret(state) === null;

/** Whether the membership has changed and no epoch has answered it yet. */
export const rekeyPending = (state: RoomState): boolean => membersOf(state).length > 0 && membershipChanged(state);

/** Why the room needs a new key now; null when it needs none. */
export function rekeyReason(state: RoomState, now: number): Payload<'epoch'>['reason'] | null {
  if (rekeyPending(state)) return 'membership';
  return lacksKey(state) ? 'lost-key' : rekeyDue(state, now);
}

/**
 * Who acts, in order: the members who are online and were here when the last key was made, the longest present first,
 * then newcomers, who can only give the room a fresh key.
 *
 * @param online as the server says, in order of arrival: its word decides who acts first, never who may read
 */
export function hubOrder(state: RoomState, online: readonly UserName[]): readonly Member[] {
  const present = online.flatMap((user) => membersOf(state).filter((member) => member.user === user));
  const answered = state.epoch?.answers ?? 0;
  return [
    ...present.filter((member) => member.joinedAt <= answered),
    ...present.filter((member) => member.joinedAt > answered),
  ];
}

export interface Proposal {
  readonly entry: SignedEntry;
  readonly wraps: readonly Wrap[];
  /** The state to keep, and to store, before the entry is sent: the secret is in it. */
  readonly state: RoomState;
}

/** One wrap; none for a member whose prekey is no key: they shut themselves out, and nobody else. */
function wrapTo(to: Member, secret: Uint8Array, number: number, { room }: RoomState, crypto: RoomCrypto): Wrap[] {
  const context = wrapContext(room, number, to.fingerprint);
  const envelope = crypto.wrap(fromBase64url(to.prekey), secret, context);
  return envelope === null ? [] : [{ to: to.fingerprint, envelope: toBase64url(envelope) }];
}

/**
 * The next epoch, for the membership as it is now. On joins alone the key moves one step forward and only newcomers get
 * a wrap; after a removal, whenever this member lacks the key before, and when the key has been used for long enough, a
 * fresh one goes to everybody.
 *
 * Throws `not-a-member`, and `nothing-to-answer` when the room needs no new key.
 */
export function composeEpoch(author: Author, state: RoomState): Proposal {
  const { crypto, signer, now } = author;
  if (!isMember(state, signer.fingerprint)) throw new RoomError('not-a-member', 'You are not a member of this room.');
  const reason = rekeyReason(state, now);
  if (reason === null) throw new RoomError('nothing-to-answer', 'The room has its key.');

  const number = (state.epoch?.number ?? 0) + 1;
  const current = currentSecret(state);
  // A step leaves the key as old as it was, so joins must not put off the fresh one that is due.
  const mayStep = reason === 'membership' && !removalPending(state) && rekeyDue(state, now) === null;
  const step = current !== null && mayStep;
  const secret = step ? stepSecret(crypto, current.secret, state.room, number) : crypto.random(secretBytes);
  const answered = state.epoch?.answers ?? 0;
  const recipients = membersOf(state).filter((member) => !step || member.joinedAt > answered);
  const wraps = recipients.flatMap((member) => wrapTo(member, secret, number, state, crypto));

  const entry = signEntry<'epoch'>(signer, state.room, {
    v: 1,
    type: 'epoch',
    room: state.room,
    author: author.user,
    head: state.head,
    number,
    previous: state.epoch?.hash ?? noEpoch,
    kind: step ? 'step' : 'fresh',
    reason,
    answers: state.membershipSeq,
    commitment: commitmentTo(crypto, secret, state.room, number),
    wraps: wrapsDigest(wraps),
    at: now,
  });
  return { entry, wraps, state: { ...state, draft: { hash: entryHash(entry), secret: toBase64url(secret) } } };
}
