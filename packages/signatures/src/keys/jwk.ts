/**
 * P-384 keys as JSON Web Keys (RFC 7517; RFC 7518, section 6.2). Members that limit the use of a key are obeyed; others are
 * ignored, as RFC 7517, section 4, demands.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.ts';
import { isScalar, type KeyPair, scalarBytes, uncompressed } from '../encoding/p384.ts';
import { unsupportedKey } from '../errors.ts';

/** A public P-384 key as a JWK. */
export interface PublicJwk {
  /** The key type. */
  readonly kty: 'EC';
  /** The curve. */
  readonly crv: 'P-384';
  /** 48 bytes in base64url without padding. */
  readonly x: string;
  /** 48 bytes in base64url without padding. */
  readonly y: string;
}

/** A private P-384 key as a JWK: as secret as the key itself. */
export interface PrivateJwk extends PublicJwk {
  /** The private scalar, 48 bytes in base64url without padding. */
  readonly d: string;
}

/** A JWK from outside, for example from `JSON.parse` or Web Crypto, whose members have not been checked. */
export interface UncheckedJwk {
  /** The key type; must be `EC`. */
  readonly kty?: unknown;
  /** The curve; must be `P-384`. */
  readonly crv?: unknown;
  /** The X coordinate; must be 48 bytes in base64url without padding. */
  readonly x?: unknown;
  /** The Y coordinate; must be 48 bytes in base64url without padding. */
  readonly y?: unknown;
  /** The private scalar: 48 bytes in base64url without padding in a private key, absent in a public one. */
  readonly d?: unknown;
  /** The intended use; must be absent or `sig`. */
  readonly use?: unknown;
  /** The permitted operations; must be absent or contain `sign` for a private key, `verify` for a public one. */
  readonly key_ops?: unknown;
  /** The algorithm; must be absent, because no registered one is P-384 with SHA-256. */
  readonly alg?: unknown;
}

/** Thrown for an object that is not the expected JWK. It never leaves the package: each caller replaces it by its own error. */
export class JwkError extends Error {
  override readonly name = 'JwkError';
}

/** Returns the JWK of an uncompressed point. */
export function encodePublicJwk(point: Uint8Array): PublicJwk {
  const x = encodeBase64Url(point.subarray(1, 1 + scalarBytes));
  const y = encodeBase64Url(point.subarray(1 + scalarBytes));
  return { kty: 'EC', crv: 'P-384', x, y };
}

/** Returns the private JWK of a key pair. */
export function encodePrivateJwk({ scalar, point }: KeyPair): PrivateJwk {
  return { ...encodePublicJwk(point), d: encodeBase64Url(scalar) };
}

/**
 * Returns the uncompressed point of a public JWK, not yet checked to be on the curve.
 *
 * @throws JwkError also for a private key
 */
export function decodePublicJwk(jwk: UncheckedJwk): Uint8Array {
  if (!namesP384(jwk)) throw new JwkError('its kty and crv must be EC and P-384');
  if (jwk.d !== undefined) throw new JwkError('it contains a private key (d), which must not be where it was found');
  requireUse(jwk, 'verify');
  return decodePoint(jwk);
}

/**
 * Returns the key pair of a private JWK. The caller checks that the two halves belong together.
 *
 * @throws JwkError
 * @throws SignatureError `unsupported-key` for another type or curve
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

/** The form includes leading zeros (RFC 7518, section 6.2.1.2). */
function decodeNumber(jwk: UncheckedJwk, member: 'x' | 'y' | 'd'): Uint8Array {
  const text = jwk[member];
  const bytes = typeof text === 'string' && text.length === numberCharacters ? decodeBase64Url(text) : null;
  if (bytes === null) throw new JwkError(`its ${member} is not 48 bytes in base64url`);
  return bytes;
}

/** The length of 48 bytes in base64url. */
const numberCharacters = (scalarBytes * 4) / 3;
