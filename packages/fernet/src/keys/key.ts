/** A Fernet key ("Key Format" of the specification): 16 bytes that sign and 16 that encrypt; as text, padded base64url. */
import { backend } from '#backend';
import type { TokenKey } from '../backend/backend.ts';
import { FernetError } from '../errors.ts';

const halfBytes = 16;

/** Size of a Fernet key. */
export const keyBytes = 2 * halfBytes;

/**
 * Imports a key. The bytes are copied, so the caller may erase them afterwards.
 *
 * @throws FernetError `invalid-key`
 */
export function importKey(key: unknown): TokenKey {
  const bytes = typeof key === 'string' ? backend.decodeBase64url(key) : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== keyBytes) {
    throw new FernetError(
      'invalid-key',
      'a Fernet key is 32 bytes, or their base64url of 44 characters with its "=": make one with Fernet.generateKey()',
    );
  }
  const copy = new Uint8Array(bytes); // `slice` of a Buffer does not copy
  return backend.importKey(copy.subarray(0, halfBytes), copy.subarray(halfBytes));
}

/** Returns a new random key as text. */
export function generateKey(): string {
  return backend.encodeBase64url(backend.randomBytes(keyBytes));
}
