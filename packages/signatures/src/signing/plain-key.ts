/** Private keys without a password. Only functions with a name that says so read or write one; all others refuse them. */
import { isBytes } from '@noble/hashes/utils.js';
import { type CurveOptions, type CurveParameters, curveOf, type KeyPair } from '../encoding/curve.ts';
import { DerError } from '../encoding/der.ts';
import { decodePem, encodePem, isOtherKeyForm } from '../encoding/pem.ts';
import { decodePkcs8, encodePkcs8 } from '../encoding/pkcs8.ts';
import { damagedKey, otherKeyForm } from '../errors.ts';
import { entryOf } from '../input.ts';
import { lockKeyPair, requireMatch, unlockKeyPair } from '../keys/encrypted-key.ts';
import { decodePrivateJwk, encodePrivateJwk, JwkError, type PrivateJwk, type UncheckedJwk } from '../keys/jwk.ts';
import { createSigner, type Signer } from './signer.ts';

/** A private key without a password: PKCS #8 DER (RFC 5958), the same in PEM (`PRIVATE KEY`), or a private JWK (RFC 7518). */
export type PlainPrivateKey = Uint8Array | string | UncheckedJwk;

/** The results of `exportPlainPrivateKey`, by the name of the format. */
export interface PlainPrivateKeyFormats {
  /** PEM (`PRIVATE KEY`) with lines of 64 characters. */
  readonly pem: string;
  /** PKCS #8: 185 bytes for P-384, 138 for P-256. */
  readonly der: Uint8Array;
  /** A JWK with `kty`, `crv`, `x`, `y` and `d`. */
  readonly jwk: PrivateJwk;
}

const encoders: { readonly [F in keyof PlainPrivateKeyFormats]: (pair: KeyPair) => PlainPrivateKeyFormats[F] } = {
  pem: (pair) => encodePem('PRIVATE KEY', encodePkcs8(pair)),
  der: encodePkcs8,
  jwk: encodePrivateJwk,
};

/**
 * Creates a signer from a key without a password, for keys from a vault or a test. The argument is not changed: wipe its
 * bytes afterwards. Strings and JWKs cannot be wiped in JavaScript.
 *
 * @throws SignatureError `invalid-private-key` if the key is damaged or encrypted, if its halves differ, or if it is a JWK
 *   that is not for signing with SHA-256; `unsupported-key` if it is of another curve or type or lacks its public key;
 *   `invalid-argument` for unknown options
 */
export function importPlainPrivateKey(plainKey: PlainPrivateKey, options: CurveOptions = {}): Signer {
  return createSigner(readPlainKeyPair(plainKey, curveOf(options)));
}

/**
 * Exports a key from its encrypted PEM. The result is the key itself: pass it to a vault or another program, and wipe the
 * bytes of `der` afterwards.
 *
 * @param format `pem`, `der` or `jwk`
 * @throws SignatureError `wrong-password`, `invalid-private-key`, `unsupported-key`, and `invalid-argument` for another
 *   format
 */
export function exportPlainPrivateKey<F extends keyof PlainPrivateKeyFormats>(
  privatePem: string,
  password: string,
  format: F,
  options: CurveOptions = {},
): PlainPrivateKeyFormats[F] {
  const encode = entryOf(encoders, format, 'format');
  return encode(unlockKeyPair(privatePem, password, curveOf(options)));
}

/**
 * Encrypts a key under a password, as `createSerializedKeys` does with a new one.
 *
 * @returns the encrypted PEM
 * @throws SignatureError `invalid-private-key`, `unsupported-key`, `empty-password`, `invalid-argument`
 */
export function encryptPrivateKey(plainKey: PlainPrivateKey, password: string, options: CurveOptions = {}): string {
  return lockKeyPair(readPlainKeyPair(plainKey, curveOf(options)), password);
}

function readPlainKeyPair(plainKey: PlainPrivateKey, curve: CurveParameters): KeyPair {
  try {
    return requireMatch(decodePlainKey(plainKey, curve));
  } catch (error) {
    throw error instanceof DerError || error instanceof JwkError ? damagedKey(error.message) : error;
  }
}

function decodePlainKey(plainKey: PlainPrivateKey, curve: CurveParameters): KeyPair {
  if (isBytes(plainKey)) return decodePkcs8(plainKey, curve);
  if (typeof plainKey === 'object' && plainKey !== null) return decodePrivateJwk(plainKey, curve);
  const pkcs8 = decodePem('PRIVATE KEY', plainKey);
  if (pkcs8 === null && isOtherKeyForm(plainKey)) throw otherKeyForm();
  if (pkcs8 === null) throw damagedKey('not a PEM file with one unencrypted PKCS #8 key (PRIVATE KEY)');
  try {
    return decodePkcs8(pkcs8, curve);
  } finally {
    pkcs8.fill(0);
  }
}
