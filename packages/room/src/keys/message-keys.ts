/** The keys of messages, derived once for each author and state's secrets in place of once for each message. */
import { type Fingerprint, fromBase64url, limits, type RoomId } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { legacyMessageKey, messageKey } from './schedule.ts';

type Secrets = RoomState['secrets'];

/** Whose messages of which epoch a key encrypts. */
export interface KeyUse {
  readonly epochNumber: number;
  /** Null for the key of all authors, in the form before version 3 of the protocol. */
  readonly author: Fingerprint | null;
}

interface DerivedKeys {
  readonly crypto: RoomCrypto;
  readonly roomId: RoomId;
  readonly epochNumber: number;
  readonly byAuthor: Map<Fingerprint | null, Uint8Array>;
}

/** The latest epoch's keys for each record of secrets. States share the record until it changes, and with it the keys are forgotten. */
const derived = new WeakMap<Secrets, DerivedKeys>();

/** Returns the key of an author's messages in an epoch; null when the client does not have the epoch's secret. */
export function messageKeyOf(
  { room: roomId, secrets }: Pick<RoomState, 'room' | 'secrets'>,
  { epochNumber, author }: KeyUse,
  crypto: RoomCrypto,
): Uint8Array | null {
  const before = derived.get(secrets);
  const isKnown = before?.epochNumber === epochNumber && before.roomId === roomId && before.crypto === crypto;
  const keys = isKnown ? before : { crypto, roomId, epochNumber, byAuthor: new Map() };
  const known = keys.byAuthor.get(author);
  if (known !== undefined) return known;
  const secret = secrets[epochNumber];
  if (secret === undefined) return null;
  const [bytes, place] = [fromBase64url(secret), { roomId, epochNumber }];
  const key =
    author === null ? legacyMessageKey(crypto, bytes, place) : messageKey(crypto, bytes, { ...place, author });
  // As many authors as a room has members, so that no log fills the memory.
  if (keys.byAuthor.size > limits.roomMembers) keys.byAuthor.clear();
  keys.byAuthor.set(author, key);
  derived.set(secrets, keys);
  return key;
}
