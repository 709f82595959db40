/** The backend for every JavaScript environment, with @noble. */
import { cbc } from '@noble/ciphers/aes.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, randomBytes } from '@noble/hashes/utils.js';
import { ivBytes } from '../encoding/aes-block.ts';
import { decodeBase64url, encodeBase64url } from '../encoding/base64url.ts';
import type { Backend, TokenKey } from './backend.ts';

/** The backend. */
export const backend: Backend = {
  randomBytes,
  allocate: (length) => new Uint8Array(length),
  encodeBase64url,
  decodeBase64url,

  scrypt: (password, salt, { N, r, p }, length) => scryptAsync(password, salt, { N, r, p, dkLen: length }),

  importKey,
};

function importKey(signing: Uint8Array, encryption: Uint8Array): TokenKey {
  // The hash states after the key are computed once; each message continues from a copy.
  const keyed = hmac.create(sha256, signing);
  const authenticate = (message: Uint8Array) => keyed.clone().update(message).digest();
  const aes = (iv: Uint8Array) => cbc(encryption, iv, { disablePadding: true });
  return {
    authenticate,
    verify: (message, mac) => equalBytes(authenticate(message), mac),
    encrypt: (iv, blocks) => blocks.set(aes(iv).encrypt(blocks)),
    decrypt: (input) => aes(input.subarray(0, ivBytes)).decrypt(input.subarray(ivBytes)),
    derive(salt, info) {
      const whole = concatBytes(signing, encryption);
      const derived = hkdf(sha256, whole, salt, info, whole.length);
      return importKey(derived.subarray(0, signing.length), derived.subarray(signing.length));
    },
  };
}
