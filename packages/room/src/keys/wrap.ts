/** Wraps an epoch secret to one member's prekey, and unwraps it. */
import { type Fingerprint, toBase64url, type Wrap } from '@chat/protocol';
import type { Prekey, RoomCrypto } from '../crypto.ts';
import { type EpochPlace, wrapContext } from './schedule.ts';

/** A recipient of an epoch secret. */
export interface WrapRecipient {
  /** Fingerprint of the recipient's identity key. */
  readonly to: Fingerprint;
  /** The recipient's prekey, whose signature the caller has verified. */
  readonly prekey: Uint8Array;
}

/** Wraps the secret of an epoch; null when the prekey is not a valid public key. Only its owner then gets no wrap. */
export function wrapSecret(
  crypto: RoomCrypto,
  { to, prekey }: WrapRecipient,
  { secret, ...place }: EpochPlace & { readonly secret: Uint8Array },
): Wrap | null {
  const envelope = crypto.wrap(prekey, secret, wrapContext(place, to));
  return envelope === null ? null : { to, envelope: toBase64url(envelope) };
}

/** Unwraps the secret of an epoch with the first of the own prekeys that opens the envelope; null when none does. */
export function unwrapSecret(
  crypto: RoomCrypto,
  { envelope, prekeys }: { readonly envelope: Uint8Array; readonly prekeys: readonly Prekey[] },
  { me, ...place }: EpochPlace & { readonly me: Fingerprint },
): Uint8Array | null {
  const context = wrapContext(place, me);
  for (const prekey of prekeys) {
    const secret = crypto.unwrap(prekey, envelope, context);
    if (secret !== null) return secret;
  }
  return null;
}
