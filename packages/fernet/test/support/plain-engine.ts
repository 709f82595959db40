/** node:crypto without state between calls, with which the results of the backends are compared. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { TokenKey } from '../../src/backend/backend.ts';

export function plainCbc(call: 'encrypt' | 'decrypt', key: Uint8Array, iv: Uint8Array, text: Uint8Array): Buffer {
  const create = call === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = create('aes-128-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

export function plainHmac(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

/** Returns an encrypted copy of the plaintext. */
export function encrypted(key: TokenKey, iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const blocks = plaintext.slice();
  key.encrypt(iv, blocks);
  return blocks;
}
