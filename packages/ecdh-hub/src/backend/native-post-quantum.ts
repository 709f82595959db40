/**
 * ML-KEM-768, SHA3-256 and SHAKE256 on `node:crypto`. Where Node has none (ML-KEM: before 24.7, or with an OpenSSL before 3.5;
 * the hashes: with BoringSSL), the portable implementation takes their place, with the same results.
 */
import crypto, { type KeyObject } from 'node:crypto';
import { type Backend, type MlKem, mlKemBytes, withPublicKey } from './backend.ts';
import * as portable from './portable-post-quantum.ts';

/** The bytes of a PKCS #8 structure (RFC 9935) before the seed. */
const pkcs8Header = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
/** The bytes of a SubjectPublicKeyInfo before the key. */
const spkiHeader = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');

function importPrivate(seed: Uint8Array): KeyObject {
  const der = Buffer.concat([pkcs8Header, seed]);
  try {
    return crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } finally {
    der.fill(0);
  }
}

function importPublic(publicKey: Uint8Array): KeyObject {
  return crypto.createPublicKey({ key: Buffer.concat([spkiHeader, publicKey]), format: 'der', type: 'spki' });
}

/** Imported public keys by their owners, because an import takes as long as an encapsulation. */
const imported = new WeakMap<object, KeyObject>();

function importOnce(publicKey: Uint8Array, owner: object | undefined): KeyObject {
  const key = (owner && imported.get(owner)) ?? importPublic(publicKey);
  if (owner !== undefined) imported.set(owner, key);
  return key;
}

/** Copies out of a buffer and wipes it. */
function taken(secret: Buffer): Uint8Array {
  const copy = new Uint8Array(secret);
  secret.fill(0);
  return copy;
}

/** ML-KEM-768 of OpenSSL. It cannot encapsulate a given message, so that is done portably. */
const openssl: MlKem = {
  derive(seed) {
    const privateKey = importPrivate(seed);
    const spki = crypto.createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    return {
      publicKey: new Uint8Array(spki.subarray(-mlKemBytes.publicKey)),
      decapsulate: (ciphertext) => taken(crypto.decapsulate(privateKey, ciphertext)),
    };
  },

  encapsulate(publicKey, options) {
    if (options.message !== null) return portable.mlKem.encapsulate(publicKey, options);
    const { ciphertext, sharedKey } = withPublicKey(() => crypto.encapsulate(importOnce(publicKey, options.owner)));
    return { ciphertext: new Uint8Array(ciphertext), sharedSecret: taken(sharedKey) };
  },
};

function hasMlKem(): boolean {
  try {
    return typeof crypto.encapsulate === 'function' && importPrivate(new Uint8Array(mlKemBytes.seed)) !== null;
  } catch {
    return false;
  }
}

let chosen: MlKem | null = null;

/** Asks only once, and not before ML-KEM is needed: a program that uses other suites does not pay for it. */
function mlKemOfThisNode(): MlKem {
  chosen ??= hasMlKem() ? openssl : portable.mlKem;
  return chosen;
}

/** ML-KEM-768 for Node.js. */
export const mlKem: MlKem = {
  derive: (seed) => mlKemOfThisNode().derive(seed),
  encapsulate: (publicKey, options) => mlKemOfThisNode().encapsulate(publicKey, options),
};

/** SHA3-256 for Node.js. */
export const sha3: Backend['sha3'] = (data) =>
  hasHash('sha3-256') ? new Uint8Array(crypto.hash('sha3-256', data, 'buffer')) : portable.sha3(data);

/** SHAKE256 for Node.js. */
export const shake256: Backend['shake256'] = (data, length) =>
  hasHash('shake256')
    ? new Uint8Array(crypto.createHash('shake256', { outputLength: length }).update(data).digest())
    : portable.shake256(data, length);

let hashes: ReadonlySet<string> | null = null;

function hasHash(name: string): boolean {
  hashes ??= new Set(crypto.getHashes());
  return hashes.has(name);
}
