/** Bytes into a token and back under one key ("Generating" and "Verifying" of the specification); time limits are judged elsewhere. */
import type { TokenKey } from './backend/backend.ts';
import { pad, unpad } from './padding.ts';
import type { Timestamp } from './timestamp.ts';
import { type ParsedToken, serialiseToken } from './token.ts';

/** An IV must be used once only, and nobody may foresee it. */
export function seal(key: TokenKey, data: Uint8Array, timestamp: Timestamp, iv: Uint8Array): Uint8Array {
  const ciphertext = key.encrypt(iv, pad(data));
  return serialiseToken(timestamp, iv, ciphertext, (signed) => key.authenticate(signed));
}

/** Undefined when the token was not made with this key. Nothing is decrypted before the MAC has been found right. */
export function open(key: TokenKey, token: ParsedToken): Uint8Array | undefined {
  if (!key.verify(token.signed, token.mac)) return undefined;
  return unpad(key.decrypt(token.ivAndCiphertext));
}
