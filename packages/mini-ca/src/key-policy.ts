/** Which keys exist here, and which are strong enough. Everything that takes a key asks this file first. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { CaError } from './errors.ts';

export type KeyType = 'rsa' | 'dsa' | 'ec' | 'ed25519';
export type Curve = 'P-256' | 'P-384' | 'P-521';

/** node:crypto's names of the curves. */
export const curveNames: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** A whole SPKI with an uncompressed point and a named curve is exactly this long. */
const ecSpkiLengths: Readonly<Record<Curve, number>> = { 'P-256': 91, 'P-384': 120, 'P-521': 158 };

export const MIN_MODULUS_BITS = 2048;
/** Checking a signature under a larger modulus costs the checker too much. */
export const MAX_RSA_BITS = 8192;
export const MAX_DSA_BITS = 3072;

function unsupported(what: string): CaError {
  return new CaError('unsupported-algorithm', `${what}: use RSA, DSA, EC P-256, P-384, P-521 or Ed25519`);
}

/** @throws CaError `unsupported-algorithm` */
export function keyTypeOf(key: KeyObject): KeyType {
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'dsa' || type === 'ec' || type === 'ed25519') return type;
  throw unsupported(`keys of type ${type ?? key.type}`);
}

/** @throws CaError `unsupported-algorithm` */
export function curveOf(key: KeyObject): Curve {
  const name = key.asymmetricKeyDetails?.namedCurve;
  for (const curve of ['P-256', 'P-384', 'P-521'] as const) if (curveNames[curve] === name) return curve;
  throw unsupported(`the curve ${name ?? 'given by explicit parameters'}`);
}

function requireModulus(key: KeyObject, max: number): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < MIN_MODULUS_BITS) throw new CaError('weak-key', `${bits} bits: use ${MIN_MODULUS_BITS} or more`);
  if (bits > max) throw unsupported(`a modulus of ${bits} bits`);
}

const policies: Readonly<Record<KeyType, (key: KeyObject) => void>> = {
  rsa: (key) => {
    requireModulus(key, MAX_RSA_BITS);
    const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
    if (exponent < 65537n || exponent % 2n === 0n) throw new CaError('weak-key', 'RSA public exponent: use 65537');
    if (exponent >= 2n ** 64n) throw unsupported('an RSA public exponent above 64 bits');
  },
  dsa: (key) => {
    requireModulus(key, MAX_DSA_BITS);
    const bits = key.asymmetricKeyDetails?.divisorLength ?? 0;
    if (bits < 224) throw new CaError('weak-key', `a DSA divisor of ${bits} bits: use 256`);
  },
  ec: (key) => void curveOf(key),
  ed25519: () => {},
};

/**
 * The floor for every key, private or public.
 *
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireStrongKey(key: KeyObject): KeyType {
  const type = keyTypeOf(key);
  policies[type](key);
  return type;
}

/**
 * The floor for keys under the TLS profiles: as above, and no DSA, which TLS 1.3 has no signature for.
 *
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireTlsKey(key: KeyObject): KeyType {
  const type = requireStrongKey(key);
  if (type === 'dsa') throw new CaError('unsupported-algorithm', 'DSA keys are not for TLS: use EC, Ed25519 or RSA');
  return type;
}

/**
 * A public key from its SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), which must be its one usual encoding: the
 * same key then always has the same bytes, and the same fingerprint.
 *
 * @throws CaError `malformed`, `unsupported-algorithm`
 */
export function publicKeyFromSpki(spki: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new CaError('malformed', 'not a public key', { cause });
  }
  const type = keyTypeOf(key);
  if (type === 'ec' && spki.length !== ecSpkiLengths[curveOf(key)]) {
    throw new CaError('malformed', 'an EC point that is compressed or of another curve');
  }
  if (Buffer.compare(spkiOf(key), spki) !== 0) throw new CaError('malformed', 'a public key that is not canonical');
  return key;
}

/** The SubjectPublicKeyInfo of a public key, DER. */
export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
