/**
 * The backend on `@noble/*`, for browsers and all other runtimes. Nonces follow RFC 6979 with additional randomness
 * (section 3.6), which also withstands fault attacks.
 */
import { cbc } from '@noble/ciphers/aes.js';
import { type ECDSA, ecdsa } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2, pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { scrypt, scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import type { Curve } from '../encoding/curve.ts';
import type { Backend, Verify } from './backend.ts';

const hashes = { sha1, sha256, sha384, sha512 };

/** Both verify high s like low s, as openssl does. */
const curves: Readonly<Record<Curve, ECDSA>> = {
  'P-384': ecdsa(p384.Point, sha256, { lowS: false }),
  'P-256': ecdsa(p256.Point, sha256, { lowS: false }),
};

const uncompressed = false;

/** The backend for all runtimes. */
export const backend: Backend = {
  randomBytes,

  sha256: (data) => sha256(data),

  sha512: (data) => sha512(data),

  scrypt: (password, { salt, N, r, p, length }) => scrypt(password, salt, { N, r, p, dkLen: length }),

  pbkdf2: (password, { hash, salt, iterations, length }) =>
    pbkdf2(hashes[hash], password, salt, { c: iterations, dkLen: length }),

  scryptAsync: (password, { salt, N, r, p, length }) => scryptAsync(password, salt, { N, r, p, dkLen: length }),

  pbkdf2Async: (password, { hash, salt, iterations, length }) =>
    pbkdf2Async(hashes[hash], password, salt, { c: iterations, dkLen: length }),

  encryptCbc: (key, iv, plaintext) => cbc(key, iv).encrypt(plaintext),

  decryptCbc(key, iv, ciphertext) {
    try {
      return cbc(key, iv).decrypt(ciphertext);
    } catch {
      return null; // key, IV and length are right, so only the padding can be wrong
    }
  },

  generateKeyPair(curve) {
    const { utils, getPublicKey } = curves[curve.name];
    const scalar = utils.randomSecretKey();
    return { curve, scalar, point: getPublicKey(scalar, uncompressed) };
  },

  publicPoint: (scalar, { name }) => curves[name].getPublicKey(scalar, uncompressed),

  signer({ curve, scalar }) {
    const { sign } = curves[curve.name];
    return (message) => sign(message, scalar, { format: 'der', lowS: true, extraEntropy: true });
  },

  verifier({ curve, point }) {
    const { utils, verify: verifyWith } = curves[curve.name];
    if (!utils.isValidPublicKey(point, uncompressed)) return null;
    const verify: Verify = (message, signature) => verifyWith(signature, message, point, { format: 'der' });
    return { verify, verifyAsync: async (message, signature) => verify(message, signature) };
  },
};
