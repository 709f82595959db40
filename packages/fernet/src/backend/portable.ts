/** The engine anywhere: @noble. */
import { cbc } from '@noble/ciphers/aes.js';
import { equalBytes } from '@noble/ciphers/utils.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { decodeBase64url, encodeBase64url } from '../base64url.ts';
import type { Backend, TokenKey } from './backend.ts';

const IV_LENGTH = 16;

export const backend: Backend = {
  randomBytes,
  encodeBase64url,
  decodeBase64url,

  importKey(signing, encryption): TokenKey {
    // The key's two hash blocks are computed here, once; each message continues from a copy.
    const keyed = hmac.create(sha256, signing);
    const authenticate = (message: Uint8Array) => keyed.clone().update(message).digest();
    const aes = (iv: Uint8Array) => cbc(encryption, iv, { disablePadding: true });
    return {
      authenticate,
      verify: (message, mac) => equalBytes(authenticate(message), mac),
      encrypt: (iv, plaintext) => aes(iv).encrypt(plaintext),
      decrypt: (input) => aes(input.subarray(0, IV_LENGTH)).decrypt(input.subarray(IV_LENGTH)),
    };
  },
};
