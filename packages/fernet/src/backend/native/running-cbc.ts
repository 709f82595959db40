/**
 * AES-128-CBC without padding. The setup of AES costs more than the encryption of a short message, so one context processes all
 * messages as if they were one long CBC stream. This is correct in both directions because:
 *
 * - CBC carries only the last ciphertext block from block to block, and this code cancels that block between messages.
 * - A context is removed from its slot before it is used, and put back only after it has returned one block for each input block.
 *   After a call that failed at any point, the next call finds the slot empty and creates a new context.
 */
import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv, type KeyObject } from 'node:crypto';

const cipherName = 'aes-128-cbc';
const blockBytes = 16;

/** Encrypts each message under its own IV: the first block is XORed with the IV and with the block that CBC will XOR. */
export class RunningEncryptor {
  readonly #key: KeyObject;
  #idle: { readonly cipher: Cipheriv; readonly lastBlock: Uint8Array } | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** Encrypts in place. */
  encrypt(iv: Uint8Array, blocks: Uint8Array): void {
    const context = this.#idle ?? this.#start();
    this.#idle = undefined;
    const { cipher, lastBlock } = context;
    for (let i = 0; i < blockBytes; i++) blocks[i] = (blocks[i] ?? 0) ^ (iv[i] ?? 0) ^ (lastBlock[i] ?? 0);
    const ciphertext = requireWholeBlocks(blocks, cipher.update(blocks));
    blocks.set(ciphertext);
    lastBlock.set(ciphertext.subarray(-blockBytes));
    this.#idle = context;
  }

  #start() {
    const lastBlock = new Uint8Array(blockBytes);
    return { cipher: createCipheriv(cipherName, this.#key, lastBlock).setAutoPadding(false), lastBlock };
  }
}

/** Decrypts the IV as a block of ciphertext, so that the block after it is correct whatever the context decrypted before. */
export class RunningDecryptor {
  readonly #key: KeyObject;
  #idle: Decipheriv | undefined;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  /** Decrypts a ciphertext that follows its IV. */
  decrypt(ivAndCiphertext: Uint8Array): Uint8Array {
    const decipher =
      this.#idle ?? createDecipheriv(cipherName, this.#key, new Uint8Array(blockBytes)).setAutoPadding(false);
    this.#idle = undefined;
    const plaintext = requireWholeBlocks(ivAndCiphertext, decipher.update(ivAndCiphertext));
    this.#idle = decipher;
    return plaintext.subarray(blockBytes);
  }
}

/** Returns the output. Throws when a context has kept part of a block, after which it must not be used again. */
function requireWholeBlocks(input: Uint8Array, output: Uint8Array): Uint8Array {
  if (input.length === 0 || output.length !== input.length) throw new Error('AES-CBC requires whole blocks');
  return output;
}
