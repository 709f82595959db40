/** The wraps of an epoch: for whom they are, and that they are those which the entry names. */
import {
  type Fingerprint,
  fromHex,
  type Identity,
  isBlank,
  type Payload,
  ProtocolError,
  wrapBytes,
} from '@chat/protocol';
import type { Room } from '../../ports/room-store.ts';
import { SheetHashes, type WrapSheet } from '../../ports/wrap-sheet.ts';
import type { StagedList } from '../../ports/wrap-source.ts';

/** The wraps that the author of an epoch has put; null when it has put none. */
export interface StagedSlots {
  readonly staged: StagedList | null;
}

/**
 * Returns the recipients of an epoch in the order of their fingerprints. A fresh key has a wrap for each member and invited user; a step
 * for newcomers only, as the others derive it.
 */
export function recipientsOf(state: Room, kind: Payload<'epoch'>['kind']): readonly Identity[] {
  const since = kind === 'fresh' ? 0 : (state.epoch?.answers ?? 0);
  const recipients = [
    ...state.members.filter((member) => member.joinedAt > since),
    ...state.invited.filter((invited) => invited.seq > since),
  ];
  return recipients.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** Returns fingerprints as bytes, one after another. */
export function bytesOf(recipients: readonly { readonly fingerprint: Fingerprint }[]): Uint8Array {
  const bytes = new Uint8Array(32 * recipients.length);
  for (const [index, { fingerprint }] of recipients.entries()) bytes.set(fromHex(fingerprint), 32 * index);
  return bytes;
}

/**
 * Returns the sheets with the wraps of an epoch. A recipient may have none, because a hub must leave out a user whose prekey it refuses:
 * such a user must not be able to stop the room's rekeying. `Rooms` counts the epochs that leave out a user whose prekey the server has.
 *
 * @throws ProtocolError `wraps-mismatch` unless they are those that the entry names
 */
export function putWraps(
  recipients: readonly Identity[],
  { wraps: commitment }: Pick<Payload<'epoch'>, 'wraps'>,
  { staged }: StagedSlots,
): { readonly sheets: readonly WrapSheet[]; readonly leftOut: readonly Identity[] } {
  const bytes = bytesOf(recipients);
  const isPut = staged !== null && Buffer.compare(staged.recipients, bytes) === 0;
  const list = isPut ? staged : { recipients: bytes, slots: new Uint8Array(wrapBytes * recipients.length) };
  const hashes = isPut ? staged.hashes : new SheetHashes(list);
  if (hashes.commitment !== commitment) {
    throw new ProtocolError(
      'wraps-mismatch',
      'The wraps that you have put are not those that the entry names, or not for its recipients: put the wraps again, then append the entry.',
    );
  }
  const leftOut = recipients.filter((_, index) =>
    isBlank(list.slots.subarray(wrapBytes * index, wrapBytes * (index + 1))),
  );
  return { sheets: hashes.sheets(), leftOut };
}
