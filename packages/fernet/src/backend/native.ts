/** The engine on Node: node:crypto. Keys are imported once, and one running AES context serves all messages of a key. */
import {
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type Decipheriv,
  hkdfSync,
  type KeyObject,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { Backend, TokenKey } from './backend.ts';

const AES = 'aes-128-cbc';
const BLOCK = 16;

export const backend: Backend = {
  randomBytes: (length) => new Uint8Array(randomBytes(length)),

  encodeBase64url,

  decodeBase64url(text) {
    // Buffer reads leniently; a text that it would not write itself is refused.
    const bytes = Buffer.from(text, 'base64url');
    return encodeBase64url(bytes) === text ? bytes : undefined;
  },

  scrypt: (password, salt, { N, r, p }, length) =>
    new Promise((resolve, reject) => {
      const options = { N, r, p, maxmem: 128 * r * (N + p + 2) }; // Node's default is for lower costs
      scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(new Uint8Array(key))));
    }),

  importKey,
};

function importKey(signing: Uint8Array, encryption: Uint8Array): TokenKey {
  const macKey = createSecretKey(signing);
  const aesKey = createSecretKey(encryption);
  const encryptor = new RunningEncryptor(aesKey);
  const decryptor = new RunningDecryptor(aesKey);
  const authenticate = (message: Uint8Array) => createHmac('sha256', macKey).update(message).digest();
  return {
    authenticate,
    verify: (message, mac) => timingSafeEqual(authenticate(message), mac),
    encrypt: (iv, plaintext) => encryptor.encrypt(iv, plaintext),
    decrypt: (ivAndCiphertext) => decryptor.decrypt(ivAndCiphertext),
    derive(salt, info) {
      const whole = Buffer.concat([macKey.export(), aesKey.export()]);
      const derived = new Uint8Array(hkdfSync('sha256', whole, salt, info, whole.length));
      return importKey(derived.subarray(0, signing.length), derived.subarray(signing.length));
    },
  };
}

function encodeBase64url(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/*
 * Setting up AES costs more than encrypting a short message, so a context is kept running from one message to the next, as if
 * all of them were one long CBC stream. What makes that sound, in both directions:
 *
 * - CBC carries nothing from block to block but the last ciphertext block, and what the stream carries over is cancelled.
 * - A context is taken out of its slot before it is used, and put back only after it gave one block for each it was given.
 *   After a call that failed, wherever it failed, the next one finds the slot empty and starts anew.
 */

/** Encrypts under its own IV each time: the first block is XORed with the IV and with the block that CBC is about to XOR itself. */
class RunningEncryptor {
  readonly #key: KeyObject;
  #idle: { readonly cipher: Cipheriv; readonly lastBlock: Uint8Array } | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const context = this.#idle ?? this.#start();
    this.#idle = undefined;
    const { cipher, lastBlock } = context;
    for (let i = 0; i < BLOCK; i++) plaintext[i] = (plaintext[i] ?? 0) ^ (iv[i] ?? 0) ^ (lastBlock[i] ?? 0);
    const ciphertext = inStep(plaintext, cipher.update(plaintext));
    lastBlock.set(ciphertext.subarray(-BLOCK));
    this.#idle = context;
    return ciphertext;
  }

  #start() {
    const lastBlock = new Uint8Array(BLOCK);
    return { cipher: createCipheriv(AES, this.#key, lastBlock).setAutoPadding(false), lastBlock };
  }
}

/** Decrypts the IV as if it were a block of ciphertext: the block after it then comes out right, whatever came before. */
class RunningDecryptor {
  readonly #key: KeyObject;
  #idle: Decipheriv | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  decrypt(ivAndCiphertext: Uint8Array): Uint8Array {
    const decipher = this.#idle ?? createDecipheriv(AES, this.#key, new Uint8Array(BLOCK)).setAutoPadding(false);
    this.#idle = undefined;
    const plaintext = inStep(ivAndCiphertext, decipher.update(ivAndCiphertext));
    this.#idle = decipher;
    return plaintext.subarray(BLOCK);
  }
}

/** Guards the contexts: one that holds back part of a block must not be used again. */
function inStep(input: Uint8Array, output: Uint8Array): Uint8Array {
  if (input.length === 0 || output.length !== input.length) throw new Error('AES-CBC was not given whole blocks');
  return output;
}
