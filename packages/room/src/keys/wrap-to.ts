/** A room key wrapped to one person. */
import { type Fingerprint, toBase64url, type Wrap } from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { wrapContext } from './schedule.ts';

/** Null when their prekey is no key: they shut themselves out, and nobody else. */
export function wrapTo(
  to: Fingerprint,
  prekey: Uint8Array,
  { state: { room }, number, secret }: { state: Pick<RoomState, 'room'>; number: number; secret: Uint8Array },
  crypto: RoomCrypto,
): Wrap | null {
  const envelope = crypto.wrap(prekey, secret, wrapContext(room, number, to));
  return envelope === null ? null : { to, envelope: toBase64url(envelope) };
}
