/**
 * Private keys without a password. What reads or writes one says so in its name; everything else here refuses them.
 */
import { isBytes } from '@noble/hashes/utils.js';
import { DerError } from '../encoding/der.ts';
import type { KeyPair } from '../encoding/p384.ts';
import { decodePem, encodePem } from '../encoding/pem.ts';
import { decodePkcs8, encodePkcs8 } from '../encoding/pkcs8.ts';
import { formatOf } from '../input.ts';
import { lockKeyPair, unlockKeyPair } from '../keys/encrypted-key.ts';
import { decodePrivateJwk, encodePrivateJwk, JwkError, type PrivateJwk, type UncheckedJwk } from '../keys/jwk.ts';
import { requireMatch } from '../keys/key-pair.ts';
import { damagedKey } from '../private-key-error.ts';
import { createSigner, type Signer } from './signer.ts';

/** PKCS #8 DER (RFC 5958), the same in PEM (`PRIVATE KEY`), or a private JWK (RFC 7518). */
export type PlainPrivateKey = Uint8Array | string | UncheckedJwk;

/** What `exportPlainPrivateKey` makes for each name. */
export interface PlainPrivateKeyFormats {
  /** `PRIVATE KEY`, lines of 64 characters. */
  readonly pem: string;
  /** PKCS #8, 185 bytes. */
  readonly der: Uint8Array;
  readonly jwk: PrivateJwk;
}

const encoders: { readonly [F in keyof PlainPrivateKeyFormats]: (pair: KeyPair) => PlainPrivateKeyFormats[F] } = {
  pem: (pair) => encodePem('PRIVATE KEY', encodePkcs8(pair)),
  der: encodePkcs8,
  jwk: encodePrivateJwk,
};

/**
 * A signer from a key that nothing protects: for keys out of a vault or a test. Bytes handed in stay as they are: wipe
 * them afterwards. Strings and JWKs cannot be wiped in JavaScript.
 *
 * Throws `invalid-private-key` (damaged, encrypted, halves that differ, a JWK that is not for signing with SHA-256),
 * `unsupported-key` (not P-384, or without its public key).
 */
export function importPlainPrivateKey(plainKey: PlainPrivateKey): Signer {
  return createSigner(readPlainKeyPair(plainKey));
}

/**
 * Takes a key out of its encrypted PEM, in the form named. Whoever reads the result has the key: hand it to a vault or
 * another program, and wipe the bytes of `der` after use.
 *
 * Throws what `unlockSigner` does, and `invalid-argument` for another format.
 */
export function exportPlainPrivateKey<F extends keyof PlainPrivateKeyFormats>(
  privatePem: string,
  password: string,
  format: F,
): PlainPrivateKeyFormats[F] {
  const encode = formatOf(encoders, format);
  return encode(unlockKeyPair(privatePem, password));
}

/**
 * Puts a key that is not encrypted under a password, as `createSerializedKeys` does with a new one: an encrypted PEM.
 *
 * Throws what `importPlainPrivateKey` does, `empty-password`, `invalid-argument`.
 */
export function encryptPrivateKey(plainKey: PlainPrivateKey, password: string): string {
  return lockKeyPair(readPlainKeyPair(plainKey), password);
}

function readPlainKeyPair(plainKey: PlainPrivateKey): KeyPair {
  try {
    return requireMatch(decodePlainKey(plainKey));
  } catch (error) {
    throw error instanceof DerError || error instanceof JwkError ? damagedKey(error.message) : error;
  }
}

function decodePlainKey(plainKey: PlainPrivateKey): KeyPair {
  if (isBytes(plainKey)) return decodePkcs8(plainKey);
  if (typeof plainKey === 'object' && plainKey !== null) return decodePrivateJwk(plainKey);
  const pkcs8 = decodePem('PRIVATE KEY', plainKey);
  if (pkcs8 === undefined) throw damagedKey('not a PEM file with one unencrypted PKCS #8 key (PRIVATE KEY)');
  try {
    return decodePkcs8(pkcs8);
  } finally {
    pkcs8.fill(0);
  }
}
