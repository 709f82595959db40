/** The keys of messages, derived once for each state's secrets in place of once for each message. */
import { fromBase64url, type RoomId } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { messageKey } from './schedule.ts';

type Secrets = RoomState['secrets'];

interface DerivedKey {
  readonly crypto: RoomCrypto;
  readonly roomId: RoomId;
  readonly epochNumber: number;
  readonly key: Uint8Array;
}

/** The latest key for each record of secrets. States share the record until it changes, and with it the key is forgotten. */
const derived = new WeakMap<Secrets, DerivedKey>();

/** Returns the key of an epoch's messages; null when the client does not have the epoch's secret. */
export function messageKeyOf(
  { room: roomId, secrets }: Pick<RoomState, 'room' | 'secrets'>,
  epochNumber: number,
  crypto: RoomCrypto,
): Uint8Array | null {
  const known = derived.get(secrets);
  if (known?.epochNumber === epochNumber && known.roomId === roomId && known.crypto === crypto) return known.key;
  const secret = secrets[epochNumber];
  if (secret === undefined) return null;
  const key = messageKey(crypto, fromBase64url(secret), { roomId, epochNumber });
  derived.set(secrets, { crypto, roomId, epochNumber, key });
  return key;
}
