/** Reads messages whose key came after them. */
import { entryHash, type Fingerprint, parsePayload, type RoomId, type SignedEntry, toBase64url } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import { type RoomEvent, type UnreadableEvent, violation } from '../event.ts';
import { messageKeyOf } from '../keys/message-keys.ts';
import type { EpochSecret } from '../keys/secret.ts';
import { eventOf, openMessage } from './message.ts';

/** A message that could not be read, with its entry. */
export interface LateMessage {
  /** The event that reported it. */
  readonly unread: UnreadableEvent;
  readonly entry: SignedEntry;
}

/**
 * Reads messages of one epoch for which `unreadable` events were reported. The room is not changed: the chains of their authors went on
 * without them, so that a message which is missing among them is not found.
 *
 * @param late in the order of the log. An entry that is not the one of its event is skipped
 * @returns the events of the messages; a violation for each that is damaged, or that follows a message of its author with no smaller counter
 */
export function readLate(
  room: RoomId,
  late: readonly LateMessage[],
  { epochNumber, secret }: EpochSecret,
  crypto: RoomCrypto,
): readonly RoomEvent[] {
  const secrets = { [epochNumber]: toBase64url(secret) };
  const counters = new Map<Fingerprint, number>();
  return late.flatMap(({ unread, entry }): RoomEvent[] => {
    const { seq, user, epoch, hash, fingerprint } = unread;
    const payload = parsePayload('message', entry.payload);
    if (epoch !== epochNumber || payload?.epoch !== epochNumber || entryHash(entry) !== hash) return [];
    const author = payload.room === undefined ? fingerprint : null;
    const key = messageKeyOf({ room, secrets }, { epochNumber, author }, crypto);
    const content = key === null ? null : openMessage({ room, seq, entry }, payload, key, crypto);
    if (content === null) return [violation('damaged', seq, user)];
    if (content.counter <= (counters.get(fingerprint) ?? 0)) return [violation('replayed', seq, user)];
    counters.set(fingerprint, content.counter);
    return [eventOf(unread, { seq, at: content.at, epoch, user, fingerprint, hash }, content.body)];
  });
}
