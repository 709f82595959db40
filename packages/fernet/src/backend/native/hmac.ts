/** HMAC-SHA-256 (RFC 2104), its key prepared once. */
import { createHmac, createSecretKey, hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;

/** The longest message, in bytes, that is cheaper to copy than `createHmac` is to set up. */
const SHORT = 2 ** 15;

/**
 * Where short messages are put behind a key's block. Nothing in it is kept: each computation writes all that it reads, and from
 * its first write on runs no code of anybody else's, since messages are true Uint8Arrays: input.ts sees to that.
 */
const work = Buffer.alloc(BLOCK + SHORT);

/** The MAC function of a key of at most 64 bytes. */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const keyObject = createSecretKey(key);
  const innerBlock = keyBlock(key, 0x36);
  const outerBlock = keyBlock(key, 0x5c);

  return (message) => {
    const { length } = message;
    if (length > SHORT) return createHmac('sha256', keyObject).update(message).digest();
    work.set(innerBlock);
    work.set(message, BLOCK);
    const inner = digest(BLOCK + length);
    work.set(outerBlock);
    work.write(inner, BLOCK, 'binary');
    return Buffer.from(digest(BLOCK + DIGEST), 'binary');
  };
}

function keyBlock(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key);
  return block.map((byte) => byte ^ pad);
}

/** Of the beginning of `work`, a character for each byte: as a Buffer, it would take Node three times as long. */
function digest(length: number): string {
  return hash('sha256', work.subarray(0, length), 'binary');
}
