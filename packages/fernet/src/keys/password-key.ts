/** A Fernet key from a password: scrypt (RFC 7914). */
import { backend } from '#backend';
import { passwordBytes, saltBytes } from '../input.ts';
import { KEY_LENGTH } from './key.ts';

/** 128 MiB and, natively, a few tenths of a second: what OWASP asks for at least. Part of the format, never to change. */
const COST = { N: 2 ** 17, r: 8, p: 1 };

const SALT_LENGTH = 16;

/**
 * The key that belongs to a password and a salt, always the same one: scrypt with N = 2^17, r = 8, p = 1, which takes 128 MiB
 * of memory and a few tenths of a second (in browsers about a second) while the event loop runs on. Each call in progress
 * takes that memory: a server should bound how many there are.
 *
 * @param password a string stands for its UTF-8 as it is; `password.normalize('NFC')` makes one string of the several that look
 *   alike. Not empty.
 * @param salt 16 bytes or more, from `generateSalt`, stored beside what the key encrypts
 * @returns 44 characters for `new Fernet`
 * @throws FernetError `invalid-argument` (the promise is rejected)
 */
export async function deriveKey(password: string | Uint8Array, salt: Uint8Array): Promise<string> {
  const secret = new Uint8Array(passwordBytes(password)); // a copy: the caller may wipe its own while this is at work
  const key = await backend.scrypt(secret, new Uint8Array(saltBytes(salt)), COST, KEY_LENGTH);
  return backend.encodeBase64url(key);
}

/** A new random salt of 16 bytes, no secret: one for each password, so that equal passwords give different keys. */
export function generateSalt(): Uint8Array {
  return backend.randomBytes(SALT_LENGTH);
}
