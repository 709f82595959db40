/** Which keys exist here, and which are strong enough. Everything that takes a key asks this file first. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';

export type KeyType = 'rsa' | 'dsa' | 'ec' | 'ed25519';
export type Curve = 'P-256' | 'P-384' | 'P-521';
/** What a profile says of keys: the curves by their names, every other type as it is. */
export type KeyKind = Curve | Exclude<KeyType, 'ec'>;

const curves = ['P-256', 'P-384', 'P-521'] as const satisfies readonly Curve[];

/** node:crypto's names of the curves. */
export const curveNames: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** What precedes the coordinates in the SPKI of a named curve with an uncompressed point, and how long the whole is. */
const ecSpkis: Readonly<Record<Curve, { readonly prefix: Uint8Array; readonly length: number }>> = {
  'P-256': { prefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex'), length: 91 },
  'P-384': { prefix: Buffer.from('3076301006072a8648ce3d020106052b8104002203620004', 'hex'), length: 120 },
  'P-521': { prefix: Buffer.from('30819b301006072a8648ce3d020106052b810400230381860004', 'hex'), length: 158 },
};

export const minModulusBits = 2048;
/** Checking a signature under a larger modulus costs the checker too much. */
export const maxRsaBits = 8192;
export const maxDsaBits = 3072;

function unsupported(what: string): CaError {
  return new CaError('unsupported-algorithm', `${what}: use RSA, DSA, EC P-256, P-384, P-521 or Ed25519`);
}

/** What a key object is costs node:crypto as much to say as a quarter of a signature; it never changes. */
const kinds = new WeakMap<KeyObject, KeyKind>();

function kindFromDetails(key: KeyObject): KeyKind {
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'dsa' || type === 'ed25519') return type;
  if (type !== 'ec') throw unsupported(`keys of type ${type ?? key.type}`);
  const name = key.asymmetricKeyDetails?.namedCurve;
  for (const curve of curves) if (curveNames[curve] === name) return curve;
  throw unsupported(`the curve ${name ?? 'given by explicit parameters'}`);
}

/**
 * The curve of an EC key, the type of every other.
 *
 * @throws CaError `unsupported-algorithm`
 */
export function keyKindOf(key: KeyObject): KeyKind {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const kind = kindFromDetails(key);
  kinds.set(key, kind);
  return kind;
}

/** @throws CaError `unsupported-algorithm` */
export function keyTypeOf(key: KeyObject): KeyType {
  const kind = keyKindOf(key);
  return isCurve(kind) ? 'ec' : kind;
}

export function isCurve(kind: KeyKind): kind is Curve {
  return Object.hasOwn(curveNames, kind);
}

function requireModulus(key: KeyObject, max: number): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < minModulusBits) throw new CaError('weak-key', `${bits} bits: use ${minModulusBits} or more`);
  if (bits > max) throw unsupported(`a modulus of ${bits} bits`);
}

const policies: Readonly<Record<KeyType, (key: KeyObject) => void>> = {
  rsa: (key) => {
    requireModulus(key, maxRsaBits);
    const exponent = key.asymmetricKeyDetails?.publicExponent ?? 0n;
    if (exponent < 65537n || exponent % 2n === 0n) throw new CaError('weak-key', 'RSA public exponent: use 65537');
    if (exponent >= 2n ** 64n) throw unsupported('an RSA public exponent above 64 bits');
  },
  dsa: (key) => {
    requireModulus(key, maxDsaBits);
    const bits = key.asymmetricKeyDetails?.divisorLength ?? 0;
    if (bits < 224) throw new CaError('weak-key', `a DSA divisor of ${bits} bits: use 256`);
  },
  // All three curves are strong enough; every other is unknown here.
  ec: () => {},
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
 * @throws CaError `malformed`, `not-canonical`, `unsupported-algorithm`
 */
export function publicKeyFromSpki(spki: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    // As text: node:crypto takes more than twice as long to take an object of options apart.
    key = createPublicKey(encodePem('PUBLIC KEY', spki));
  } catch (cause) {
    throw new CaError('malformed', 'not a public key', { cause });
  }
  const curve = curveOfSpki(spki);
  if (curve !== undefined) {
    kinds.set(key, curve);
    return key;
  }
  // Of an EC key all but the coordinates is known beforehand; others are written again to see that they are the same.
  if (isCurve(keyKindOf(key)) || Buffer.compare(spkiOf(key), spki) !== 0) {
    throw new CaError('not-canonical', 'a public key that is not in its usual encoding, or a compressed EC point');
  }
  return key;
}

/** The curve, when these are the bytes of a whole key with a named curve and an uncompressed point. */
function curveOfSpki(spki: Uint8Array): Curve | undefined {
  return curves.find((curve) => {
    const { prefix, length } = ecSpkis[curve];
    return spki.length === length && Buffer.compare(spki.subarray(0, prefix.length), prefix) === 0;
  });
}

/** The SubjectPublicKeyInfo of a public key, DER. */
export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
