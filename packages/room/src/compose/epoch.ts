/** The epoch that a hub proposes: a new key, wrapped to those who are to have it. */
import { entryHash, type Fingerprint, type SignedEntry, toBase64url, type Wrap, wrapsDigest } from '@chat/protocol';
import { noEpoch } from '../apply/epoch.ts';
import { RoomError } from '../errors.ts';
import { isStep, type Recipient, recipientsOf, rekeyReason } from '../keys/hub.ts';
import { sealPast } from '../keys/past.ts';
import { commitmentTo, secretBytes, stepSecret } from '../keys/schedule.ts';
import { currentSecret } from '../keys/secret.ts';
import { wrapTo } from '../keys/wrap-to.ts';
import type { RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/** Where room keys are wrapped to, by the fingerprint of the identity key; verified by whoever fetched them. */
export type Prekeys = ReadonlyMap<Fingerprint, Uint8Array>;

export interface Proposal {
  readonly entry: SignedEntry;
  readonly wraps: readonly Wrap[];
  /** The state to keep, and to store, before the entry is sent: the secret is in it. */
  readonly state: RoomState;
}

/** An epoch in the making: wrapping to a thousand people takes seconds, so it goes in parts. */
export interface EpochDraft {
  readonly recipients: readonly Recipient[];
  /** The wraps for the recipients from `from` up to, not including, `to`; none for one who has no prekey that is a key. */
  wrap(from: number, to: number): readonly Wrap[];
  /** With all the wraps. Good as long as the room has not changed since the draft was begun. */
  finish(wraps: readonly Wrap[]): Proposal;
}

/**
 * Begins the next epoch, for the membership as it is now. On joins and invitations alone the key moves one step forward and
 * only newcomers get a wrap; after a removal, whenever this member lacks the key before, and when the key has been used for
 * long enough, a fresh one goes to everybody.
 *
 * @param prekeys those of `recipientsOf(state, author.now)`; who is missing in it cannot read until the next fresh key
 *
 * Throws `not-a-member`, and `nothing-to-answer` when the room needs no new key.
 */
export function beginEpoch(author: Author, state: RoomState, prekeys: Prekeys): EpochDraft {
  const { crypto, signer, now } = author;
  requireMembership(author, state);
  const reason = rekeyReason(state, now);
  if (reason === null) throw new RoomError('nothing-to-answer', 'The room has its key.');

  const number = (state.epoch?.number ?? 0) + 1;
  const before = currentSecret(state)?.secret ?? null;
  const step = isStep(state, now);
  const secret = step && before !== null ? stepSecret(crypto, before, state.room, number) : crypto.random(secretBytes);
  const past =
    state.policy?.history === 'all' && before !== null
      ? sealPast(crypto, state, { number, secret, before, now })
      : null;
  const recipients = recipientsOf(state, now);

  return {
    recipients,
    wrap: (from, to) =>
      recipients.slice(from, to).flatMap(({ fingerprint }) => {
        const prekey = prekeys.get(fingerprint);
        return prekey === undefined ? [] : (wrapTo(fingerprint, prekey, { state, number, secret }, crypto) ?? []);
      }),
    finish(wraps) {
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
        ...(past === null ? {} : { past }),
        at: now,
      });
      return { entry, wraps, state: { ...state, draft: { hash: entryHash(entry), secret: toBase64url(secret) } } };
    },
  };
}

/** The next epoch at once: see `beginEpoch`. */
export function composeEpoch(author: Author, state: RoomState, prekeys: Prekeys): Proposal {
  const draft = beginEpoch(author, state, prekeys);
  return draft.finish(draft.wrap(0, draft.recipients.length));
}
