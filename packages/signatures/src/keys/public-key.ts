/** P-384 public keys in their three forms: SPKI in DER, the same in PEM, and JWK. */
import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import type { Verify } from '../backend/backend.ts';
import { decodePem, encodePem } from '../encoding/pem.ts';
import { decodeSpki, encodeSpki } from '../encoding/spki.ts';
import { SignatureError } from '../errors.ts';
import { formatOf } from '../input.ts';
import { decodePublicJwk, encodePublicJwk, JwkError, type PublicJwk, type UncheckedJwk } from './jwk.ts';

/** SPKI DER (RFC 5480), the same in PEM (`PUBLIC KEY`), or a JWK (RFC 7518). */
export type PublicKeyInput = Uint8Array | string | UncheckedJwk;

/** What `exportPublicKey` makes for each name. */
export interface PublicKeyFormats {
  /** `PUBLIC KEY`, lines of 64 characters. */
  readonly pem: string;
  /** SPKI, 120 bytes. */
  readonly der: Uint8Array;
  readonly jwk: PublicJwk;
}

/** A public key from outside, checked, together with the means to use it. */
interface ImportedKey {
  readonly point: Uint8Array;
  /** Takes strict DER: what signature-encoding.ts lets through. */
  readonly verify: Verify;
}

const encoders: { readonly [F in keyof PublicKeyFormats]: (point: Uint8Array) => PublicKeyFormats[F] } = {
  pem: (point) => encodePem('PUBLIC KEY', encodeSpki(point)),
  der: encodeSpki,
  jwk: encodePublicJwk,
};

/**
 * The public key of a `Verifier` or a `Signer` in the form named. There is one text or sequence of bytes for a key in
 * each form.
 *
 * Throws `invalid-argument` for another format, `invalid-public-key` when `publicKey` is not a key.
 */
export function exportPublicKey<F extends keyof PublicKeyFormats>(
  key: { readonly publicKey: Uint8Array },
  format: F,
): PublicKeyFormats[F] {
  return formatOf(encoders, format)(importPublicKey(key.publicKey).point);
}

/**
 * SHA-256 of a public key's SPKI DER as 64 lower-case hexadecimal digits: the short name of a key, the same in every
 * representation of it. Takes and throws what `importVerifier` does.
 */
export function fingerprint(publicKey: PublicKeyInput): string {
  return spkiFingerprint(encodeSpki(importPublicKey(publicKey).point));
}

export function spkiFingerprint(spki: Uint8Array): string {
  return bytesToHex(backend.sha256(spki));
}

/** Throws `invalid-public-key`. */
export function importPublicKey(publicKey: PublicKeyInput): ImportedKey {
  const point = decodePoint(publicKey);
  const verify = backend.verifier(point);
  if (verify === undefined) throw invalid('its point is not on the curve');
  return { point, verify };
}

function decodePoint(publicKey: PublicKeyInput): Uint8Array {
  if (typeof publicKey === 'object' && publicKey !== null && !isBytes(publicKey)) return decodeJwk(publicKey);
  const der = typeof publicKey === 'string' ? decodePem('PUBLIC KEY', publicKey) : publicKey;
  const point = isBytes(der) ? decodeSpki(der) : undefined;
  if (point === undefined) {
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
  return new SignatureError('invalid-public-key', `Not a P-384 public key: ${how}.`);
}
