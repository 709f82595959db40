/** Derives a Fernet key from a password with scrypt (RFC 7914). */
import { backend } from '#backend';
import { requirePassword, requireSalt } from '../input.ts';
import { keyBytes } from './key.ts';

/** 128 MiB and, natively, some tenths of a second: OWASP's minimum. Changing it would change every derived key. */
const cost = { N: 2 ** 17, r: 8, p: 1 };

const newSaltBytes = 16;

/**
 * Derives the key of a password and a salt: scrypt with N = 2^17, r = 8, p = 1. It takes 128 MiB of memory and some tenths of a
 * second (in browsers about a second), without blocking the event loop. Each call in progress takes that memory, so a server
 * should bound their number.
 *
 * @param password not empty; a string is encoded as UTF-8 without normalisation. Pass `password.normalize('NFC')` to derive one
 *   key from strings that look alike
 * @param salt at least 16 bytes from `generateSalt`, stored beside the data that the key encrypts
 * @returns a key of 44 characters for `new Fernet`
 * @throws FernetError `invalid-argument` (the promise is rejected)
 */
export async function deriveKey(password: string | Uint8Array, salt: Uint8Array): Promise<string> {
  const secret = new Uint8Array(requirePassword(password)); // a copy, because the caller may erase the password meanwhile
  const key = await backend.scrypt(secret, new Uint8Array(requireSalt(salt)), cost, keyBytes);
  return backend.encodeBase64url(key);
}

/**
 * Returns a new random salt of 16 bytes, which is not secret. Each password needs its own salt, so that equal passwords give
 * different keys.
 */
export function generateSalt(): Uint8Array {
  return backend.randomBytes(newSaltBytes);
}
