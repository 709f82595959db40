/** The wraps of an epoch: for whom they are, and that they are those which the entry names. */
import { fromHex, type Identity, isBlank, type Payload, ProtocolError, wrapBytes } from '@chat/protocol';
import type { Room } from '../../ports/room-store.ts';
import { SheetHashes, type WrapSheet } from '../../ports/wrap-sheet.ts';
import type { StagedList } from '../../ports/wrap-source.ts';

/** The wraps that the author of an epoch has put; null when it has put none. */
export interface StagedSlots {
  readonly staged: StagedList | null;
}

/** The recipients of an epoch. */
export interface EpochRecipients {
  /** In the order of their fingerprints. */
  readonly identities: readonly Identity[];
  /** Their fingerprints, 32 bytes each. */
  readonly bytes: Uint8Array;
}

/** The recipients that were asked for last, and from what they follow. */
interface Remembered extends EpochRecipients {
  readonly invited: Room['invited'];
  readonly since: number;
}

/**
 * By the members of a room: the wraps for thousands come in several requests, and then the entry, and an order of all for each would
 * take longer than the rest. A change of the membership has another list of members or of invited users.
 */
const remembered = new WeakMap<Room['members'], Remembered>();

/**
 * Returns the recipients of an epoch. A fresh key has a wrap for each member and invited user; a step for newcomers only, as the others
 * derive it.
 */
export function recipientsOf({ members, invited, epoch }: Room, kind: Payload<'epoch'>['kind']): EpochRecipients {
  const since = kind === 'fresh' ? 0 : (epoch?.answers ?? 0);
  const known = remembered.get(members);
  if (known !== undefined && known.invited === invited && known.since === since) return known;
  const identities = [
    ...members.filter((member) => member.joinedAt > since),
    ...invited.filter((user) => user.seq > since),
  ].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  const found = { identities, bytes: bytesOf(identities), invited, since };
  remembered.set(members, found);
  return found;
}

function bytesOf(recipients: readonly Identity[]): Uint8Array {
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
  { identities, bytes }: EpochRecipients,
  { wraps: commitment }: Pick<Payload<'epoch'>, 'wraps'>,
  { staged }: StagedSlots,
): { readonly sheets: readonly WrapSheet[]; readonly leftOut: readonly Identity[] } {
  const isPut = staged !== null && Buffer.compare(staged.recipients, bytes) === 0;
  const list = isPut ? staged : { recipients: bytes, slots: new Uint8Array(wrapBytes * identities.length) };
  const hashes = isPut ? staged.hashes : new SheetHashes(list);
  if (hashes.commitment !== commitment) {
    throw new ProtocolError(
      'wraps-mismatch',
      'The wraps that you have put are not those that the entry names, or not for its recipients: put the wraps again, then append the entry.',
    );
  }
  const leftOut = identities.filter((_, index) =>
    isBlank(list.slots.subarray(wrapBytes * index, wrapBytes * (index + 1))),
  );
  return { sheets: hashes.sheets(), leftOut };
}
