/**
 * Keys as JSON Web Keys (RFC 7517; RFC 7518, section 6.2). Members that limit the use of a key are obeyed; others are
 * ignored, as RFC 7517, section 4, demands.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import { decodeBase64Url, encodeBase64Url } from '../encoding/base64.ts';
import { type Curve, type CurveParameters, type KeyPair, type PublicPoint, uncompressed } from '../encoding/curve.ts';
import { isScalar } from '../encoding/scalar.ts';
import { unsupportedKey } from '../errors.ts';

/** A public key as a JWK. */
export interface PublicJwk {
  /** The key type. */
  readonly kty: 'EC';
  /** The curve. */
  readonly crv: Curve;
  /** The X coordinate in base64url without padding: 48 bytes for P-384, 32 for P-256. */
  readonly x: string;
  /** The Y coordinate, as long as X, in base64url without padding. */
  readonly y: string;
}

/** A private key as a JWK: as secret as the key itself. */
export interface PrivateJwk extends PublicJwk {
  /** The private scalar, as long as a coordinate, in base64url without padding. */
  readonly d: string;
}

/** A JWK from outside, for example from `JSON.parse` or Web Crypto, whose members have not been checked. */
export interface UncheckedJwk {
  /** The key type; must be `EC`. */
  readonly kty?: unknown;
  /** The curve; must be the one that the caller expects. */
  readonly crv?: unknown;
  /** The X coordinate; must be 48 bytes for P-384 and 32 for P-256, in base64url without padding. */
  readonly x?: unknown;
  /** The Y coordinate, like X. */
  readonly y?: unknown;
  /** The private scalar: like a coordinate in a private key, absent in a public one. */
  readonly d?: unknown;
  /** The intended use; must be absent or `sig`. */
  readonly use?: unknown;
  /** The permitted operations; must be absent or contain `sign` for a private key, `verify` for a public one. */
  readonly key_ops?: unknown;
  /** The algorithm; must be absent, or `ES256` for P-256. No registered one is P-384 with SHA-256. */
  readonly alg?: unknown;
}

/** Thrown for an object that is not the expected JWK. It never leaves the package: each caller replaces it by its own error. */
export class JwkError extends Error {
  override readonly name = 'JwkError';
}

/** Returns the JWK of an uncompressed point. */
export function encodePublicJwk({ curve, point }: PublicPoint): PublicJwk {
  const x = encodeBase64Url(point.subarray(1, 1 + curve.scalarBytes));
  const y = encodeBase64Url(point.subarray(1 + curve.scalarBytes));
  return { kty: 'EC', crv: curve.name, x, y };
}

/** Returns the private JWK of a key pair. */
export function encodePrivateJwk(pair: KeyPair): PrivateJwk {
  return { ...encodePublicJwk(pair), d: encodeBase64Url(pair.scalar) };
}

/**
 * Returns the uncompressed point of a public JWK of a curve, not yet checked to be on the curve.
 *
 * @throws JwkError also for a private key
 */
export function decodePublicJwk(jwk: UncheckedJwk, curve: CurveParameters): Uint8Array {
  if (!namesCurve(jwk, curve)) throw new JwkError(`its kty and crv must be EC and ${curve.name}`);
  if (jwk.d !== undefined) throw new JwkError('it contains a private key (d), which must not be where it was found');
  requireUse(jwk, 'verify', curve);
  return decodePoint(jwk, curve);
}

/**
 * Returns the key pair of a private JWK of a curve. The caller checks that the two halves belong together.
 *
 * @throws JwkError
 * @throws SignatureError `unsupported-key` for another type or curve
 */
export function decodePrivateJwk(jwk: UncheckedJwk, curve: CurveParameters): KeyPair {
  if (!namesCurve(jwk, curve)) throw unsupportedKey(curve.name);
  requireUse(jwk, 'sign', curve);
  const scalar = decodeNumber(jwk, 'd', curve);
  if (!isScalar(scalar, curve)) throw new JwkError('its d is out of range');
  return { curve, scalar, point: decodePoint(jwk, curve) };
}

function namesCurve({ kty, crv }: UncheckedJwk, { name }: CurveParameters): boolean {
  return kty === 'EC' && crv === name;
}

/** RFC 7517, sections 4.2 to 4.4. */
function requireUse(
  { use, key_ops: operations, alg }: UncheckedJwk,
  operation: 'sign' | 'verify',
  { jwkAlgorithm }: CurveParameters,
): void {
  if (use !== undefined && use !== 'sig') throw new JwkError('its use is not sig');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes(operation))) {
    throw new JwkError(`its key_ops do not contain ${operation}`);
  }
  if (alg !== undefined && (alg === null || alg !== jwkAlgorithm)) {
    throw new JwkError('its alg reserves it for another algorithm than ECDSA with SHA-256');
  }
}

function decodePoint(jwk: UncheckedJwk, curve: CurveParameters): Uint8Array {
  return concatBytes(Uint8Array.of(uncompressed), decodeNumber(jwk, 'x', curve), decodeNumber(jwk, 'y', curve));
}

/** The form includes leading zeros (RFC 7518, section 6.2.1.2). */
function decodeNumber(jwk: UncheckedJwk, member: 'x' | 'y' | 'd', { scalarBytes }: CurveParameters): Uint8Array {
  const text = jwk[member];
  const characters = Math.ceil((scalarBytes * 4) / 3);
  const bytes = typeof text === 'string' && text.length === characters ? decodeBase64Url(text) : null;
  if (bytes === null) throw new JwkError(`its ${member} is not ${scalarBytes} bytes in base64url`);
  return bytes;
}
