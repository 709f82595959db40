/** Bytes into an envelope and back under one key ("Generating" and "Verifying" of the specification); its label is judged elsewhere. */
import type { TokenKey } from './backend/backend.ts';
import { type Label, type ParsedEnvelope, serialiseEnvelope } from './envelope.ts';
import { pad, unpad } from './padding.ts';

/** An IV must be used once only, and nobody may foresee it. */
export function seal(key: TokenKey, label: Label, data: Uint8Array, iv: Uint8Array): Uint8Array {
  const ciphertext = key.encrypt(iv, pad(data));
  return serialiseEnvelope(label, iv, ciphertext, (signed) => key.authenticate(signed));
}

/** Undefined when the envelope was not made with this key. Nothing is decrypted before the MAC has been found right. */
export function open(key: TokenKey, envelope: ParsedEnvelope): Uint8Array | undefined {
  if (!key.verify(envelope.signed, envelope.mac)) return undefined;
  return unpad(key.decrypt(envelope.ivAndCiphertext));
}
