/** Public keys in their three forms: SPKI in DER, the same in PEM, and JWK. */
import { bytesToHex, isBytes } from '@noble/hashes/utils.js';
import { backend } from '#backend';
import type { ImportedKey as BackendKey } from '../backend/backend.ts';
import {
  type Curve,
  type CurveOptions,
  type CurveParameters,
  curveNamed,
  curveOf,
  type PublicPoint,
} from '../encoding/curve.ts';
import { decodePem, encodePem } from '../encoding/pem.ts';
import { decodeSpki, encodeSpki } from '../encoding/spki.ts';
import { SignatureError } from '../errors.ts';
import { entryOf, requireObject } from '../input.ts';
import { decodePublicJwk, encodePublicJwk, JwkError, type PublicJwk, type UncheckedJwk } from './jwk.ts';

/** A public key: SPKI DER (RFC 5480), the same in PEM (`PUBLIC KEY`), or a JWK (RFC 7518). */
export type PublicKeyInput = Uint8Array | string | UncheckedJwk;

/** The results of `exportPublicKey`, by the name of the format. */
export interface PublicKeyFormats {
  /** PEM (`PUBLIC KEY`) with lines of 64 characters. */
  readonly pem: string;
  /** SPKI DER: 120 bytes for P-384, 91 for P-256. */
  readonly der: Uint8Array;
  /** A JWK with `kty`, `crv`, `x` and `y`. */
  readonly jwk: PublicJwk;
}

/** A public key from outside that has been checked. */
interface ImportedKey extends BackendKey, PublicPoint {}

/** The public key of a `Verifier` or a `Signer`, with its curve. */
export interface PublicKeyHolder {
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  /** The curve of the key. `P-384` if omitted. */
  readonly curve?: Curve | undefined;
}

const encoders: { readonly [F in keyof PublicKeyFormats]: (key: PublicPoint) => PublicKeyFormats[F] } = {
  pem: (key) => encodePem('PUBLIC KEY', encodeSpki(key)),
  der: encodeSpki,
  jwk: encodePublicJwk,
};

/**
 * Exports the public key of a `Verifier` or a `Signer`. A key has exactly one text or byte string in each format.
 *
 * @param format `pem`, `der` or `jwk`
 * @throws SignatureError `invalid-argument` for another format and what is no object, `invalid-public-key` if `publicKey` is not
 *   a key of its `curve`
 */
export function exportPublicKey<F extends keyof PublicKeyFormats>(
  key: PublicKeyHolder,
  format: F,
): PublicKeyFormats[F] {
  const encode = entryOf(encoders, format, 'format');
  requireObject(key, 'key');
  return encode(importPublicKey(key.publicKey, curveNamed(key.curve)));
}

/**
 * Returns the short name of a public key, which does not depend on the form in which the key is given.
 *
 * @returns SHA-256 of the key's SPKI DER as 64 lower-case hexadecimal digits
 * @throws SignatureError `invalid-public-key`; `invalid-argument` for unknown options
 */
export function fingerprint(publicKey: PublicKeyInput, options: CurveOptions = {}): string {
  return spkiFingerprint(encodeSpki(importPublicKey(publicKey, curveOf(options))));
}

/** Returns the fingerprint of SPKI DER that has been checked. */
export function spkiFingerprint(spki: Uint8Array): string {
  return bytesToHex(backend.sha256(spki));
}

/**
 * Decodes and checks a public key of a curve.
 *
 * @throws SignatureError `invalid-public-key`
 */
export function importPublicKey(publicKey: PublicKeyInput, curve: CurveParameters): ImportedKey {
  const point = decodePoint(publicKey, curve);
  const key = backend.verifier({ curve, point });
  if (key === null) throw invalid('its point is not on the curve', curve);
  return { curve, point, ...key };
}

function decodePoint(publicKey: PublicKeyInput, curve: CurveParameters): Uint8Array {
  if (typeof publicKey === 'object' && publicKey !== null && !isBytes(publicKey)) return decodeJwk(publicKey, curve);
  const der = typeof publicKey === 'string' ? decodePem('PUBLIC KEY', publicKey) : publicKey;
  const point = isBytes(der) ? decodeSpki(der, curve) : null;
  if (point !== null) return point;
  const forms = 'SPKI DER, or PEM (PUBLIC KEY), with this named curve and an uncompressed point, or a JWK';
  throw invalid(`expected ${forms}`, curve);
}

function decodeJwk(jwk: UncheckedJwk, curve: CurveParameters): Uint8Array {
  try {
    return decodePublicJwk(jwk, curve);
  } catch (error) {
    throw error instanceof JwkError ? invalid(`as a JWK, ${error.message}`, curve) : error;
  }
}

function invalid(how: string, { name }: CurveParameters): SignatureError {
  return new SignatureError('invalid-public-key', `not a ${name} public key: ${how}`);
}
