/** Creates key pairs. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CaError, quoted } from '../errors.ts';
import {
  type Curve,
  curveNames,
  type KeyType,
  maxDsaBits,
  maxRsaBits,
  minModulusBits,
  requireKeyObject,
} from './key-policy.ts';

/** A private key and its public key. */
export interface KeyPair {
  /** The private key. */
  privateKey: KeyObject;
  /** The public key. */
  publicKey: KeyObject;
}

/**
 * True when the second key is the public key of the first.
 *
 * @throws CaError `bad-argument` for values that are not keys
 */
export function isKeyPair(privateKey: KeyObject, publicKey: KeyObject): boolean {
  requireKeyObject('privateKey', privateKey);
  requireKeyObject('publicKey', publicKey);
  return privateKey.type === 'private' && publicKey.type === 'public' && createPublicKey(privateKey).equals(publicKey);
}

/** The modulus length in bits of an RSA or DSA key, or the curve of an EC key. */
export type KeySize = number | Curve;

function modulusLength(size: KeySize, max: number): number {
  if (typeof size === 'number' && size >= minModulusBits && size <= max && size % 256 === 0) return size;
  throw new CaError(
    'bad-argument',
    `size is a multiple of 256 from ${minModulusBits} to ${max} bits, not ${typeof size === 'number' ? size : quoted(size)}`,
  );
}

const generators: Readonly<Record<KeyType, (size: KeySize | undefined) => KeyPair>> = {
  rsa: (size = 3072) => generateKeyPairSync('rsa', { modulusLength: modulusLength(size, maxRsaBits) }),
  dsa: (size = 2048) =>
    generateKeyPairSync('dsa', { modulusLength: modulusLength(size, maxDsaBits), divisorLength: 256 }),
  ec: (size = 'P-256') => {
    const namedCurve = typeof size === 'string' && Object.hasOwn(curveNames, size) ? curveNames[size] : undefined;
    if (namedCurve === undefined) throw new CaError('bad-argument', `no curve ${quoted(size)}: P-256, P-384 or P-521`);
    return generateKeyPairSync('ec', { namedCurve });
  },
  ed25519: (size) => {
    if (size !== undefined) throw new CaError('bad-argument', 'Ed25519 keys have no size to choose');
    return generateKeyPairSync('ed25519');
  },
};

/**
 * Creates a key pair. The call blocks: for EC and Ed25519 less than a millisecond, for RSA up to a second, for DSA seconds.
 *
 * @param type `ec` for nearly everything; `dsa` only for systems that require it (the TLS profiles refuse it)
 * @param size RSA: 2048 to 8192 bits. Default: 3072. DSA: 2048 to 3072 bits with a divisor of 256 bits. Default: 2048. EC: the
 *   curve. Default: P-256. Ed25519: none
 * @throws CaError `bad-argument`
 */
export function createKeyPair(type: KeyType, size?: KeySize): KeyPair {
  if (typeof type !== 'string' || !Object.hasOwn(generators, type))
    throw new CaError('bad-argument', `no key type ${quoted(type)}`);
  return generators[type](size);
}
