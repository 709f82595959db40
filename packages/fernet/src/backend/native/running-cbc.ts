/**
 * AES-128-CBC without padding. Setting up AES costs more than encrypting a short message, so a context is kept running from one
 * message to the next, as if all of them were one long CBC stream. What makes that sound, in both directions:
 *
 * - CBC carries nothing from block to block but the last ciphertext block, and what the stream carries over is cancelled.
 * - A context is taken out of its slot before it is used, and put back only after it gave one block for each it was given.
 *   After a call that failed, wherever it failed, the next one finds the slot empty and starts anew.
 */
import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv, type KeyObject } from 'node:crypto';

const AES = 'aes-128-cbc';
const BLOCK = 16;

/** Encrypts under its own IV each time: the first block is XORed with the IV and with the block that CBC is about to XOR itself. */
export class RunningEncryptor {
  readonly #key: KeyObject;
  #idle: { readonly cipher: Cipheriv; readonly lastBlock: Uint8Array } | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** In place. */
  encrypt(iv: Uint8Array, blocks: Uint8Array): void {
    const context = this.#idle ?? this.#start();
    this.#idle = undefined;
    const { cipher, lastBlock } = context;
    for (let i = 0; i < BLOCK; i++) blocks[i] = (blocks[i] ?? 0) ^ (iv[i] ?? 0) ^ (lastBlock[i] ?? 0);
    const ciphertext = inStep(blocks, cipher.update(blocks));
    blocks.set(ciphertext);
    lastBlock.set(ciphertext.subarray(-BLOCK));
    this.#idle = context;
  }

  #start() {
    const lastBlock = new Uint8Array(BLOCK);
    return { cipher: createCipheriv(AES, this.#key, lastBlock).setAutoPadding(false), lastBlock };
  }
}

/** Decrypts the IV as if it were a block of ciphertext: the block after it then comes out right, whatever came before. */
export class RunningDecryptor {
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
