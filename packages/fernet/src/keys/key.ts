/** A Fernet key ("Key Format" of the specification): 16 bytes that sign and 16 that encrypt; as text, their padded base64url. */
import { backend } from '#backend';
import type { TokenKey } from '../backend/backend.ts';
import { FernetError } from '../errors.ts';

const HALF = 16;
export const KEY_LENGTH = 2 * HALF;

/** Throws `invalid-key`. The bytes are copied, so the caller may wipe them afterwards. */
export function importKey(key: unknown): TokenKey {
  const bytes = typeof key === 'string' ? backend.decodeBase64url(key) : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== KEY_LENGTH) {
    throw new FernetError(
      'invalid-key',
      'a Fernet key is 32 bytes, or their base64url of 44 characters with its "=": make one with Fernet.generateKey()',
    );
  }
  const copy = new Uint8Array(bytes); // a Buffer's own `slice` would not copy
  return backend.importKey(copy.subarray(0, HALF), copy.subarray(HALF));
}

/** A new random key as text. */
export function generateKey(): string {
  return backend.encodeBase64url(backend.randomBytes(KEY_LENGTH));
}
