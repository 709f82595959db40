/** Key pairs as two PEM texts: the private one always under a password. */
import { backend } from '#backend';
import { encodePem } from '../encoding/pem.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { keyDerivationOf, lockKeyPair, unlockKeyPair } from './encrypted-key.ts';
import { isBelowDefault } from './key-derivation.ts';

export interface SerializedKeys {
  /** PKCS #8 `ENCRYPTED PRIVATE KEY` (RFC 5958). */
  readonly privatePem: string;
  /** SPKI `PUBLIC KEY` (RFC 5480). */
  readonly publicPem: string;
}

/**
 * Makes a P-384 key pair. The private key is encrypted with AES-256-CBC under scrypt (N = 2^14, r = 8, p = 5: 16 MiB
 * and about 0.1 s) from the password's UTF-8 bytes as they are; openssl and pyca read both.
 *
 * Throws `empty-password`, `invalid-argument`.
 */
export function createSerializedKeys(password: string): SerializedKeys {
  const pair = backend.generateKeyPair();
  return { privatePem: lockKeyPair(pair, password), publicPem: encodePem('PUBLIC KEY', encodeSpki(pair.point)) };
}

/**
 * The same key under another password, encrypted anew as `createSerializedKeys` does it. Whoever has a copy of the old
 * file still opens it with the old password.
 *
 * Throws what `unlockSigner` does, and `empty-password` for the new one.
 */
export function changePassword(privatePem: string, oldPassword: string, newPassword: string): string {
  return lockKeyPair(unlockKeyPair(privatePem, oldPassword), newPassword);
}

/**
 * Whether a guess at this file's password costs less than at one that `createSerializedKeys` writes: PBKDF2 below
 * OWASP's minimum for its hash (openssl's own default is 2048 rounds), scrypt with less memory or less work, or a salt
 * below the 8 bytes of RFC 8018, section 4.1. Needs no password and does no work. Costlier files are left alone.
 *
 * Throws `invalid-private-key`, `unsupported-key`.
 */
export function needsRehash(privatePem: string): boolean {
  return isBelowDefault(keyDerivationOf(privatePem));
}

/**
 * The same key under the same password, at today's cost: encrypted anew when `needsRehash`, else the text as it is. For
 * the moment when somebody has typed the password; replace the file, for whoever has a copy of the old one still
 * guesses cheaply. (The second derivation that this costs after `unlockSigner` is, of its nature, a cheap one.)
 *
 * Throws what `unlockSigner` does: a wrong password is noticed either way.
 */
export function upgradeKey(privatePem: string, password: string): string {
  const pair = unlockKeyPair(privatePem, password);
  return needsRehash(privatePem) ? lockKeyPair(pair, password) : privatePem;
}
