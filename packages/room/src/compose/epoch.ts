/** Composes an epoch: a new key, wrapped to its recipients. */
import {
  entryHash,
  type Fingerprint,
  type PublicIdentity,
  type SignedEntry,
  toBase64url,
  type Wrap,
  wrapsDigest,
} from '@chat/protocol';
import { noEpoch } from '../apply/epoch.ts';
import { RoomError } from '../errors.ts';
import { isStep, recipientsOf, rekeyReason } from '../keys/hub.ts';
import { sealPast } from '../keys/past.ts';
import { commitmentTo, secretBytes, stepSecret } from '../keys/schedule.ts';
import { currentSecret } from '../keys/secret.ts';
import { wrapSecret } from '../keys/wrap.ts';
import type { RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/** The recipients' prekeys by fingerprint of the identity key. The caller has verified their signatures. */
export type Prekeys = ReadonlyMap<Fingerprint, Uint8Array>;

/** An epoch that is ready to be sent. */
export interface Proposal {
  readonly entry: SignedEntry;
  readonly wraps: readonly Wrap[];
  /** The state with the new secret. The client MUST store it before it sends the entry. */
  readonly state: RoomState;
}

/** An epoch that is made in parts, because wrapping to a thousand members takes seconds. */
export interface EpochDraft {
  readonly recipients: readonly PublicIdentity[];
  /**
   * Wraps the secret to the recipients from index `from` to, not including, `to`. Recipients without a valid prekey get no wrap.
   */
  wrap(from: number, to: number): readonly Wrap[];
  /** Signs the epoch with all its wraps. The result is valid only if the room has not changed since `beginEpoch`. */
  finish(wraps: readonly Wrap[]): Proposal;
}

/**
 * Begins the next epoch for the current membership. When users have only joined or been invited, the epoch is a step and only
 * newcomers get a wrap. After a departure, when this member lacks the latest secret, and when the key is too old, the epoch is
 * fresh and all members and invited users get a wrap.
 *
 * @param prekeys those of `recipientsOf(state, author.now)`. A recipient without a prekey cannot read until the next fresh key
 * @throws RoomError `not-a-member`, `nothing-to-answer`
 */
export function beginEpoch(author: Author, state: RoomState, prekeys: Prekeys): EpochDraft {
  const { crypto, signer, now } = author;
  requireMembership(author, state);
  const reason = rekeyReason(state, now);
  if (reason === null) throw new RoomError('nothing-to-answer', 'The room needs no new key.');

  const place = { roomId: state.room, epochNumber: (state.epoch?.number ?? 0) + 1 };
  const before = currentSecret(state)?.secret ?? null;
  const step = isStep(state, now);
  const secret = step && before !== null ? stepSecret(crypto, before, place) : crypto.random(secretBytes);
  const past =
    state.policy?.history === 'all' && before !== null ? sealPast(crypto, { ...place, secret, before, now }) : null;
  const recipients = recipientsOf(state, now);

  return {
    recipients,
    wrap: (from, to) =>
      recipients.slice(from, to).flatMap(({ fingerprint }) => {
        const prekey = prekeys.get(fingerprint);
        return prekey === undefined
          ? []
          : (wrapSecret(crypto, { to: fingerprint, prekey }, { ...place, secret }) ?? []);
      }),
    finish(wraps) {
      const entry = signEntry<'epoch'>(signer, state.room, {
        v: 1,
        type: 'epoch',
        room: state.room,
        author: author.user,
        head: state.head,
        number: place.epochNumber,
        previous: state.epoch?.hash ?? noEpoch,
        kind: step ? 'step' : 'fresh',
        reason,
        answers: state.membershipSeq,
        commitment: commitmentTo(crypto, secret, place),
        wraps: wrapsDigest(wraps),
        ...(past === null ? {} : { past }),
        at: now,
      });
      return { entry, wraps, state: { ...state, draft: { hash: entryHash(entry), secret: toBase64url(secret) } } };
    },
  };
}

/**
 * Composes the next epoch in one call; see `beginEpoch`.
 *
 * @throws RoomError `not-a-member`, `nothing-to-answer`
 */
export function composeEpoch(author: Author, state: RoomState, prekeys: Prekeys): Proposal {
  const draft = beginEpoch(author, state, prekeys);
  return draft.finish(draft.wrap(0, draft.recipients.length));
}
