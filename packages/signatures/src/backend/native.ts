/** The backend on `node:crypto`. Keys are imported once as KeyObjects, which is also the fastest way to sign. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  scrypt,
  scryptSync,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Curve, PublicPoint } from '../encoding/curve.ts';
import { decodePkcs8, encodePkcs8 } from '../encoding/pkcs8.ts';
import { toLowS } from '../encoding/signature-encoding.ts';
import { encodeSpki } from '../encoding/spki.ts';
import type { Backend, Hash, ScryptCost } from './backend.ts';

/** More than any accepted cost needs. Node's default of 32 MiB is less. */
const scryptMemoryBytes = 2 ** 28;

const scryptInPool = promisify<Uint8Array, Uint8Array, number, ScryptCost & { readonly maxmem: number }, Buffer>(
  scrypt,
);
const pbkdf2InPool = promisify(pbkdf2);

/** The names under which `createECDH` knows the curves. */
const opensslNames: Readonly<Record<Curve, string>> = { 'P-384': 'secp384r1', 'P-256': 'prime256v1' };

const cbc = (key: Uint8Array) => `aes-${key.length * 8}-cbc`;

/** Copies to a plain Uint8Array: `slice` of a Buffer is a view, and its `toString` differs. */
const plain = (buffer: Uint8Array) => new Uint8Array(buffer);

/** The backend for Node.js. */
export const backend: Backend = {
  randomBytes: (length) => plain(randomBytes(length)),

  sha256: (data) => digest('sha256', data),

  sha512: (data) => digest('sha512', data),

  scrypt: (password, { salt, N, r, p, length }) =>
    plain(scryptSync(password, salt, length, { N, r, p, maxmem: scryptMemoryBytes })),

  scryptAsync: async (password, { salt, N, r, p, length }) =>
    plain(await scryptInPool(password, salt, length, { N, r, p, maxmem: scryptMemoryBytes })),

  pbkdf2: (password, { hash, salt, iterations, length }) => plain(pbkdf2Sync(password, salt, iterations, length, hash)),

  pbkdf2Async: async (password, { hash, salt, iterations, length }) =>
    plain(await pbkdf2InPool(password, salt, iterations, length, hash)),

  encryptCbc(key, iv, plaintext) {
    const cipher = createCipheriv(cbc(key), key, iv);
    return concatBytes(cipher.update(plaintext), cipher.final());
  },

  decryptCbc(key, iv, ciphertext) {
    const decipher = createDecipheriv(cbc(key), key, iv);
    const start = decipher.update(ciphertext);
    try {
      return concatBytes(start, decipher.final());
    } catch {
      return null; // with whole blocks, only the padding can be wrong
    } finally {
      start.fill(0);
    }
  },

  generateKeyPair(curve) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve.name });
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
    const pair = decodePkcs8(pkcs8, curve);
    pkcs8.fill(0);
    return pair;
  },

  publicPoint(scalar, { name }) {
    const ecdh = createECDH(opensslNames[name]);
    ecdh.setPrivateKey(scalar);
    return plain(ecdh.getPublicKey());
  },

  signer(pair) {
    const pkcs8 = encodePkcs8(pair);
    const key = createPrivateKey({ key: Buffer.from(pkcs8.buffer), format: 'der', type: 'pkcs8' });
    pkcs8.fill(0);
    const options = { curve: pair.curve.name };
    return (message) => toLowS(plain(sign('sha256', message, key)), 'der', options);
  },

  verifier(publicPoint) {
    const key = importPoint(publicPoint);
    if (key === null) return null;
    return {
      verify: (message, signature) => verify('sha256', message, key, signature),
      verifyAsync: (message, signature) =>
        new Promise((resolve, reject) => {
          verify('sha256', message, key, signature, (error, valid) =>
            error === null ? resolve(valid) : reject(error),
          );
        }),
    };
  },
};

/** Asks for text with a character for each byte, because Node takes three times as long to return a digest as a Buffer. */
function digest(name: Hash, data: Uint8Array): Uint8Array {
  return plain(Buffer.from(hash(name, data, 'binary'), 'binary'));
}

function importPoint(publicPoint: PublicPoint): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(encodeSpki(publicPoint)), format: 'der', type: 'spki' });
  } catch {
    return null; // the bytes around the point are constant, so the point is not on the curve
  }
}
