/** Key pairs as two PEM texts: the private one always under a password. */
import { backend } from '#backend';
import { lockKeyPair, readPlainKeyPair, unlockKeyPair } from './encrypted-key.ts';
import { encodePem } from './pem.ts';
import { encodeSpki } from './spki.ts';

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
 * Puts a key that is not encrypted (PKCS #8 `PRIVATE KEY`) under a password: the only function here that reads such
 * keys.
 *
 * Throws `invalid-private-key`, `unsupported-key`, `empty-password`, `invalid-argument`.
 */
export function encryptPrivateKey(plainPem: string, password: string): string {
  return lockKeyPair(readPlainKeyPair(plainPem), password);
}
