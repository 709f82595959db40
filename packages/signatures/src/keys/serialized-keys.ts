/** Key pairs as two PEM texts. The private one is always encrypted under a password. */
import { backend } from '#backend';
import { type CurveOptions, curveOf } from '../encoding/curve.ts';
import { encodePem } from '../encoding/pem.ts';
import { encodeSpki } from '../encoding/spki.ts';
import { keyDerivationOf, lockKeyPair, unlockKeyPair } from './encrypted-key.ts';
import { isBelowDefault } from './key-derivation.ts';

/** A key pair as two PEM texts. */
export interface SerializedKeys {
  /** PKCS #8 `ENCRYPTED PRIVATE KEY` (RFC 5958). */
  readonly privatePem: string;
  /** SPKI `PUBLIC KEY` (RFC 5480). */
  readonly publicPem: string;
}

/**
 * Generates a key pair. The private key is encrypted with AES-256-CBC and scrypt (N = 2^14, r = 8, p = 5: 16 MiB and
 * about 0.1 s). openssl and pyca/cryptography read both texts.
 *
 * @param password its UTF-8 bytes are used as they are
 * @throws SignatureError `empty-password`, `invalid-argument`
 */
export function createSerializedKeys(password: string, options: CurveOptions = {}): SerializedKeys {
  const pair = backend.generateKeyPair(curveOf(options));
  return { privatePem: lockKeyPair(pair, password), publicPem: encodePem('PUBLIC KEY', encodeSpki(pair)) };
}

/**
 * Encrypts the same key under another password, like `createSerializedKeys`. A copy of the old file still opens with the
 * old password.
 *
 * @returns the new `privatePem`
 * @throws SignatureError `wrong-password`, `invalid-private-key`, `unsupported-key`, `invalid-argument`, and
 *   `empty-password` for the new one
 */
export function changePassword(
  privatePem: string,
  oldPassword: string,
  newPassword: string,
  options: CurveOptions = {},
): string {
  return lockKeyPair(unlockKeyPair(privatePem, oldPassword, curveOf(options)), newPassword);
}

/**
 * Returns whether a guess at this file's password costs less than with a file of `createSerializedKeys`: PBKDF2 below
 * OWASP's minimum for its hash, scrypt with less memory or less work, or a salt below the 8 bytes of RFC 8018, section 4.1.
 * Derives no key, so it does not matter what curve the key has. Returns false for costlier files.
 *
 * @throws SignatureError `invalid-private-key`, `unsupported-key`
 */
export function needsRehash(privatePem: string): boolean {
  return isBelowDefault(keyDerivationOf(privatePem));
}

/**
 * Encrypts the same key under the same password at the current cost if `needsRehash`. Call it when the user has entered the
 * password, and replace the file: an attacker with a copy of the old file can still guess at the old cost. The additional
 * derivation after `unlockSigner` is a cheap one, because the old cost is low.
 *
 * @returns the new `privatePem`, or the same text if it costs enough
 * @throws SignatureError `wrong-password` in either case, `invalid-private-key`, `unsupported-key`, `empty-password`,
 *   `invalid-argument`
 */
export function upgradeKey(privatePem: string, password: string, options: CurveOptions = {}): string {
  const pair = unlockKeyPair(privatePem, password, curveOf(options));
  return needsRehash(privatePem) ? lockKeyPair(pair, password) : privatePem;
}
