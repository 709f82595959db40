/** Composes an epoch: a new key, wrapped to its recipients. */
import {
  allPartsOf,
  type Fingerprint,
  type InParts,
  type Payload,
  type PublicIdentity,
  type SignedEntry,
  toBase64url,
  wrapBytes,
} from '@chat/protocol';
import { noEpoch } from '../apply/epoch.ts';
import type { LinkedWrap, SenderLink } from '../crypto.ts';
import { RoomError } from '../errors.ts';
import { isStep, recipientsOf, rekeyReason } from '../keys/hub.ts';
import { sealPast } from '../keys/past.ts';
import { commitmentTo, secretBytes, stepSecret, wrapContext } from '../keys/schedule.ts';
import { currentSecret } from '../keys/secret.ts';
import { commitSlots } from '../keys/slots.ts';
import type { Draft, RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/** Drafts that a state keeps: as many proposals may wait without an answer. */
const maxDrafts = 4;

/** An epoch that is made in parts, because the recipients' links are opened and stored in between. */
export interface EpochDraft {
  readonly epochNumber: number;
  readonly kind: Payload<'epoch'>['kind'];
  /** The recipients in the order of their slots. This member's own slot stays empty. */
  readonly recipients: readonly PublicIdentity[];
  /** The field `drafts` of the state with the new secret. The client MUST store it before it sends a wrap or the entry. */
  readonly drafts: readonly Draft[];
  /** Wraps the secret for the recipient to whom this link leads. */
  wrap(link: SenderLink): LinkedWrap;
  /**
   * Signs the epoch, in parts. The result is valid only if the room has not changed since `beginEpoch`.
   *
   * @param slots 60 bytes for each recipient: the wrap, or zeros for a recipient who gets none
   */
  finish(slots: Uint8Array): InParts<SignedEntry>;
}

/**
 * Begins the next epoch for the current membership. When users have only joined or been invited, the epoch is a step and only
 * newcomers get a wrap. After a departure, when this member lacks the latest secret, and when the key is too old, the epoch is
 * fresh and all members and invited users get a wrap.
 *
 * @throws RoomError `not-a-member`, `nothing-to-answer`
 */
export function beginEpoch(author: Author, state: RoomState): EpochDraft {
  const { crypto, signer, now } = author;
  requireMembership(author, state);
  const reason = rekeyReason(state, now);
  if (reason === null) throw new RoomError('nothing-to-answer', 'The room needs no new key.');

  const place = { roomId: state.room, epochNumber: (state.epoch?.number ?? 0) + 1 };
  const before = currentSecret(state)?.secret ?? null;
  const kind = isStep(state, now) ? 'step' : 'fresh';
  const secret = kind === 'step' && before !== null ? stepSecret(crypto, before, place) : crypto.random(secretBytes);
  const past =
    state.policy?.history === 'all' && before !== null ? sealPast(crypto, { ...place, secret, before, now }) : null;
  const recipients = recipientsOf(state, now);
  const commitment = commitmentTo(crypto, secret, place);
  const context = wrapContext(place);

  return {
    epochNumber: place.epochNumber,
    kind,
    recipients,
    drafts: [{ hash: commitment, secret: toBase64url(secret) }, ...state.drafts].slice(0, maxDrafts),
    wrap: (link) => link.wrap(secret, context),
    *finish(slots) {
      const wraps = yield* commitSlots(recipients, slots);
      return signEntry<'epoch'>(signer, state.room, {
        v: 2,
        type: 'epoch',
        room: state.room,
        author: author.user,
        head: state.head,
        number: place.epochNumber,
        previous: state.epoch?.hash ?? noEpoch,
        kind,
        reason,
        answers: state.membershipSeq,
        commitment,
        wraps,
        ...(past === null ? {} : { past }),
        at: now,
      });
    },
  };
}

/** An epoch that is ready to be sent. */
export interface Proposal {
  readonly entry: SignedEntry;
  readonly recipients: readonly PublicIdentity[];
  /** 60 bytes for each recipient. */
  readonly slots: Uint8Array;
  /** The sender's ends after this epoch. */
  readonly links: ReadonlyMap<Fingerprint, SenderLink>;
  /** The state with the new secret. The client MUST store it, and the links, before it sends anything. */
  readonly state: RoomState;
}

/**
 * Composes the next epoch in one call; see `beginEpoch`.
 *
 * @param links by fingerprint of the recipient. A recipient without a link gets no wrap
 * @throws RoomError `not-a-member`, `nothing-to-answer`
 */
export function composeEpoch(author: Author, state: RoomState, links: ReadonlyMap<Fingerprint, SenderLink>): Proposal {
  const draft = beginEpoch(author, state);
  const { recipients, drafts } = draft;
  const slots = new Uint8Array(wrapBytes * recipients.length);
  const after = new Map(links);
  for (const [index, { fingerprint }] of recipients.entries()) {
    const link = fingerprint === state.me ? undefined : links.get(fingerprint);
    if (link === undefined) continue;
    const wrapped = draft.wrap(link);
    slots.set(wrapped.wrap, wrapBytes * index);
    after.set(fingerprint, wrapped.link);
  }
  return { entry: allPartsOf(draft.finish(slots)), recipients, slots, links: after, state: { ...state, drafts } };
}
