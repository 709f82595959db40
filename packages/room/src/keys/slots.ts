/**
 * The wraps of an epoch as one list: a slot for each recipient, in the order of their fingerprints. All members and the server compute
 * the same list of recipients, so that a wrap needs no address.
 */
import {
  allPartsOf,
  fromHex,
  type InParts,
  isBlank,
  type Payload,
  type PublicIdentity,
  toBase64url,
  WrapTree,
  wrapBytes,
  wrapLeaf,
} from '@chat/protocol';
import type { RoomState } from '../state.ts';

/**
 * Returns the users for whom the epoch after the latest one is made, in the order of their slots: for a fresh key all members and
 * invited users, for a step those who joined or were invited after the membership that the latest epoch answers.
 */
export function slotRecipients(state: RoomState, kind: Payload<'epoch'>['kind']): readonly PublicIdentity[] {
  const after = kind === 'step' ? (state.epoch?.answers ?? 0) : 0;
  const members = state.members.values().filter(({ joinedAt }) => joinedAt > after);
  const invited = state.invited.values().filter(({ seq }) => seq > after);
  return [...members, ...invited]
    .map(({ user, fingerprint, key }) => ({ user, fingerprint, key }))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** Returns the slot at `index`: a wrap, or null when this recipient gets none. */
export function slotAt(slots: Uint8Array, index: number): Uint8Array | null {
  const slot = slots.subarray(wrapBytes * index, wrapBytes * (index + 1));
  return isBlank(slot) ? null : slot;
}

/** Returns what an epoch names of its wraps, the commitment to the tree over all slots: in parts, because that takes 2 hashes for each. */
export function* commitSlots(recipients: readonly PublicIdentity[], slots: Uint8Array): InParts<string> {
  const leafAt = (index: number) => wrapLeaf(fromHex(recipients[index]?.fingerprint ?? ''), slotAt(slots, index));
  return (yield* WrapTree.over(recipients.length, leafAt)).commitment;
}

/** Returns the result of `commitSlots`. */
export const slotsCommitment = (recipients: readonly PublicIdentity[], slots: Uint8Array): string =>
  allPartsOf(commitSlots(recipients, slots));

/** Returns the id of the link on which a wrap was made, like `RecipientLink.id`. */
export const linkOf = (wrap: Uint8Array): string => toBase64url(wrap.subarray(0, 8));
