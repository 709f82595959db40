/**
 * P-384 keys as JSON Web Keys (RFC 7517; RFC 7518, section 6.2). Members that limit the use of a key are obeyed; others
 * are ignored, as RFC 7517, section 4, says.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64url.ts';
import { isScalar, type KeyPair, scalarBytes, uncompressed } from '../encoding/p384.ts';
import { unsupportedKey } from '../private-key-error.ts';

export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-384';
  /** 48 bytes in base64url without padding, like `y`. */
  readonly x: string;
  readonly y: string;
}

/** A JWK with the private key in it: as secret as the key. */
export interface PrivateJwk extends PublicJwk {
  /** 48 bytes in base64url without padding. */
  readonly d: string;
}

/** A JWK from outside, e.g. from `JSON.parse` or Web Crypto, of which nothing is known yet. */
export interface UncheckedJwk {
  readonly kty?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
  readonly y?: unknown;
  readonly d?: unknown;
  readonly use?: unknown;
  readonly key_ops?: unknown;
  readonly alg?: unknown;
}

/** An object that is not the JWK looked for. Never leaves the library: each caller says what it means there. */
export class JwkError extends Error {
  override readonly name = 'JwkError';
}

/** The JWK of an uncompressed point. */
export function encodePublicJwk(point: Uint8Array): PublicJwk {
  const x = encodeBase64Url(point.subarray(1, 1 + scalarBytes));
  const y = encodeBase64Url(point.subarray(1 + scalarBytes));
  return { kty: 'EC', crv: 'P-384', x, y };
}

export function encodePrivateJwk({ scalar, point }: KeyPair): PrivateJwk {
  return { ...encodePublicJwk(point), d: encodeBase64Url(scalar) };
}

/** The uncompressed point, not yet checked to be on the curve. Throws `JwkError`, for a private key too. */
export function decodePublicJwk(jwk: UncheckedJwk): Uint8Array {
  if (!namesP384(jwk)) throw new JwkError('its kty and crv must be EC and P-384');
  if (jwk.d !== undefined) throw new JwkError('it contains a private key (d), which must not be where it was found');
  requireUse(jwk, 'verify');
  return decodePoint(jwk);
}

/**
 * The key pair as the JWK states it: whether the halves belong together is for the caller to check. Throws `JwkError`,
 * `unsupported-key`.
 */
export function decodePrivateJwk(jwk: UncheckedJwk): KeyPair {
  if (!namesP384(jwk)) throw unsupportedKey();
  requireUse(jwk, 'sign');
  const scalar = decodeNumber(jwk, 'd');
  if (!isScalar(scalar)) throw new JwkError('its d is out of range');
  return { scalar, point: decodePoint(jwk) };
}

function namesP384({ kty, crv }: UncheckedJwk): boolean {
  return kty === 'EC' && crv === 'P-384';
}

/** RFC 7517, sections 4.2 to 4.4. No registered `alg` is P-384 with SHA-256: ES384 is with SHA-384. */
function requireUse({ use, key_ops: operations, alg }: UncheckedJwk, operation: 'sign' | 'verify'): void {
  if (use !== undefined && use !== 'sig') throw new JwkError('its use is not sig');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes(operation))) {
    throw new JwkError(`its key_ops do not contain ${operation}`);
  }
  if (alg !== undefined) throw new JwkError('its alg reserves it for another algorithm than ECDSA with SHA-256');
}

function decodePoint(jwk: UncheckedJwk): Uint8Array {
  return concatBytes(Uint8Array.of(uncompressed), decodeNumber(jwk, 'x'), decodeNumber(jwk, 'y'));
}

/** Leading zeros are part of the form (RFC 7518, section 6.2.1.2). */
function decodeNumber(jwk: UncheckedJwk, member: 'x' | 'y' | 'd'): Uint8Array {
  const text = jwk[member];
  const bytes = typeof text === 'string' && text.length === jwkNumberLength ? decodeBase64Url(text) : undefined;
  if (bytes === undefined) throw new JwkError(`its ${member} is not 48 bytes in base64url`);
  return bytes;
}

/** 48 bytes in base64url. */
const jwkNumberLength = (scalarBytes * 4) / 3;
