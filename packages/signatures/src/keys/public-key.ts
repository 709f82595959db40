/** P-384 public keys in their three forms: SPKI in DER, the same in PEM, and JWK. */
import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import type { ImportedKey as BackendKey } from '../backend/backend.ts';
import { decodePem, encodePem } from '../encoding/pem.ts';
import { decodeSpki, encodeSpki } from '../encoding/spki.ts';
import { SignatureError } from '../errors.ts';
import { formatOf } from '../input.ts';
import { decodePublicJwk, encodePublicJwk, JwkError, type PublicJwk, type UncheckedJwk } from './jwk.ts';

/** A public key: SPKI DER (RFC 5480), the same in PEM (`PUBLIC KEY`), or a JWK (RFC 7518). */
export type PublicKeyInput = Uint8Array | string | UncheckedJwk;

/** The results of `exportPublicKey`, by the name of the format. */
export interface PublicKeyFormats {
  /** PEM (`PUBLIC KEY`) with lines of 64 characters. */
  readonly pem: string;
  /** SPKI DER, 120 bytes. */
  readonly der: Uint8Array;
  /** A JWK with `kty`, `crv`, `x` and `y`. */
  readonly jwk: PublicJwk;
}

/** A public key from outside that has been checked. */
interface ImportedKey extends BackendKey {
  readonly point: Uint8Array;
  /** Takes strict DER, as signature-encoding.ts checks it. */
}

const encoders: { readonly [F in keyof PublicKeyFormats]: (point: Uint8Array) => PublicKeyFormats[F] } = {
  pem: (point) => encodePem('PUBLIC KEY', encodeSpki(point)),
  der: encodeSpki,
  jwk: encodePublicJwk,
};

/**
 * Exports the public key of a `Verifier` or a `Signer`. A key has exactly one text or byte string in each format.
 *
 * @param format `pem`, `der` or `jwk`
 * @throws SignatureError `invalid-argument` for another format, `invalid-public-key` if `publicKey` is not a key
 */
export function exportPublicKey<F extends keyof PublicKeyFormats>(
  key: { readonly publicKey: Uint8Array },
  format: F,
): PublicKeyFormats[F] {
  return formatOf(encoders, format)(importPublicKey(key.publicKey).point);
}

/**
 * Returns the short name of a public key, which does not depend on the form in which the key is given.
 *
 * @returns SHA-256 of the key's SPKI DER as 64 lower-case hexadecimal digits
 * @throws SignatureError `invalid-public-key`
 */
export function fingerprint(publicKey: PublicKeyInput): string {
  return spkiFingerprint(encodeSpki(importPublicKey(publicKey).point));
}

/** Returns the fingerprint of SPKI DER that has been checked. */
export function spkiFingerprint(spki: Uint8Array): string {
  return bytesToHex(backend.sha256(spki));
}

/**
 * Decodes and checks a public key.
 *
 * @throws SignatureError `invalid-public-key`
 */
export function importPublicKey(publicKey: PublicKeyInput): ImportedKey {
  const point = decodePoint(publicKey);
  const key = backend.verifier(point);
  if (key === null) throw invalid('its point is not on the curve');
  return { point, ...key };
}

function decodePoint(publicKey: PublicKeyInput): Uint8Array {
  if (typeof publicKey === 'object' && publicKey !== null && !isBytes(publicKey)) return decodeJwk(publicKey);
  const der = typeof publicKey === 'string' ? decodePem('PUBLIC KEY', publicKey) : publicKey;
  const point = isBytes(der) ? decodeSpki(der) : null;
  if (point === null) {
    throw invalid('expected SPKI DER, or PEM (PUBLIC KEY), with a named curve and an uncompressed point, or a JWK');
  }
  return point;
}

function decodeJwk(jwk: UncheckedJwk): Uint8Array {
  try {
    return decodePublicJwk(jwk);
  } catch (error) {
    throw error instanceof JwkError ? invalid(`as a JWK, ${error.message}`) : error;
  }
}

function invalid(how: string): SignatureError {
  return new SignatureError('invalid-public-key', `not a P-384 public key: ${how}`);
}
