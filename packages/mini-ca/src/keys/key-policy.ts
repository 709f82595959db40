/** The types of key that this library handles, and the minimum strength that it requires of every key. */
import { createPublicKey, KeyObject } from 'node:crypto';
import { type OnDeviation, refuseDeviation } from '../der/deviation.ts';
import { encodePem } from '../der/pem.ts';
import { CaError } from '../errors.ts';

/** The types of key that this library handles. */
export type KeyType = 'rsa' | 'dsa' | 'ec' | 'ed25519';
/** The curves of EC keys. */
export type Curve = 'P-256' | 'P-384' | 'P-521';
/** A kind of key as profiles list it: an EC key by its curve, every other key by its type. */
export type KeyKind = Curve | Exclude<KeyType, 'ec'>;

const curves = ['P-256', 'P-384', 'P-521'] as const satisfies readonly Curve[];

/** The names of the curves in `node:crypto`. */
export const curveNames: Readonly<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** The bytes before the coordinates in the SPKI of a named curve with an uncompressed point, and the length of the SPKI in bytes. */
const ecSpkis: Readonly<Record<Curve, { readonly prefix: Uint8Array; readonly length: number }>> = {
  'P-256': { prefix: Buffer.from('3059301306072a8648ce3d020106082a8648ce3d03010703420004', 'hex'), length: 91 },
  'P-384': { prefix: Buffer.from('3076301006072a8648ce3d020106052b8104002203620004', 'hex'), length: 120 },
  'P-521': { prefix: Buffer.from('30819b301006072a8648ce3d020106052b810400230381860004', 'hex'), length: 158 },
};

/** The shortest modulus of an RSA or DSA key. */
export const minModulusBits = 2048;
/** The longest modulus of an RSA key. Verifying signatures with a longer one takes too long. */
export const maxRsaBits = 8192;
/** The longest modulus of a DSA key. */
export const maxDsaBits = 3072;

function unsupported(what: string): CaError {
  return new CaError('unsupported-algorithm', `${what}: use RSA, DSA, EC P-256, P-384, P-521 or Ed25519`);
}

/** Cache, because asking `node:crypto` for the kind of a key takes a quarter of the time of a signature. */
const kinds = new WeakMap<KeyObject, KeyKind>();

function kindFromDetails(key: KeyObject): KeyKind {
  if (typeof key !== 'object' || key === null) throw new CaError('bad-argument', 'not a KeyObject of node:crypto');
  const type = key.asymmetricKeyType;
  if (type === 'rsa' || type === 'dsa' || type === 'ed25519') return type;
  if (type !== 'ec') throw unsupported(`keys of type ${type ?? key.type}`);
  const name = key.asymmetricKeyDetails?.namedCurve;
  for (const curve of curves) if (curveNames[curve] === name) return curve;
  throw unsupported(`the curve ${name ?? 'given by explicit parameters'}`);
}

/**
 * Returns the curve of an EC key, and the type of every other key.
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

/**
 * Returns the type of a key.
 *
 * @throws CaError `unsupported-algorithm`
 */
export function keyTypeOf(key: KeyObject): KeyType {
  const kind = keyKindOf(key);
  return isCurve(kind) ? 'ec' : kind;
}

/** True for the name of a curve. */
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
  // All supported curves are strong enough.
  ec: () => {},
  ed25519: () => {},
};

/**
 * Requires a key of `node:crypto`.
 *
 * @throws CaError `bad-argument`
 */
export function requireKeyObject(name: string, key: KeyObject): void {
  if (key instanceof KeyObject) return;
  throw new CaError('bad-argument', `\`${name}\` is not a key (a KeyObject of node:crypto)`);
}

/**
 * Requires the minimum strength that every key must have, private or public.
 *
 * @returns the type of the key
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireStrongKey(key: KeyObject): KeyType {
  const type = keyTypeOf(key);
  policies[type](key);
  return type;
}

/**
 * Requires a key for TLS: strong enough, and not DSA, because TLS 1.3 has no DSA signatures.
 *
 * @returns the type of the key
 * @throws CaError `weak-key`, `unsupported-algorithm`
 */
export function requireTlsKey(key: KeyObject): KeyType {
  const type = requireStrongKey(key);
  if (type === 'dsa') throw new CaError('unsupported-algorithm', 'DSA keys are not for TLS: use EC, Ed25519 or RSA');
  return type;
}

/**
 * Decodes a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). A deviation is any encoding of the key but the usual one: one key is to
 * have one fingerprint.
 *
 * @param spki DER
 * @throws CaError `malformed`, `unsupported-algorithm`
 */
export function publicKeyFromSpki(spki: Uint8Array, onDeviation: OnDeviation = refuseDeviation): KeyObject {
  let key: KeyObject;
  try {
    // PEM, because `node:crypto` needs more than twice the time for an options object.
    key = createPublicKey(encodePem('PUBLIC KEY', spki));
  } catch (cause) {
    throw new CaError('malformed', 'not a public key', { cause });
  }
  const curve = curveOfSpki(spki);
  if (curve !== null) {
    kinds.set(key, curve);
    return key;
  }
  // An EC key in its usual encoding was found above. The encoding of any other key is compared with a new one.
  if (isCurve(keyKindOf(key)) || Buffer.compare(spkiOf(key), spki) !== 0) {
    onDeviation(
      new CaError('not-canonical', 'a public key that is not in its usual encoding, or a compressed EC point'),
    );
  }
  return key;
}

/** Returns the curve of an EC key in its usual encoding (named curve, uncompressed point), and null for other bytes. */
function curveOfSpki(spki: Uint8Array): Curve | null {
  const found = curves.find((curve) => {
    const { prefix, length } = ecSpkis[curve];
    return spki.length === length && Buffer.compare(spki.subarray(0, prefix.length), prefix) === 0;
  });
  return found ?? null;
}

/** Returns the SubjectPublicKeyInfo of a public key as DER. */
export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}
