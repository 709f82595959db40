/** HMAC-SHA-256 (RFC 2104) with a key that is set up once. */
import { createHmac, createSecretKey, hash } from 'node:crypto';

const hashBlockBytes = 64;
const digestBytes = 32;

/** Size of the longest message whose copy costs less than the setup of `createHmac`. */
const maxShortMessageBytes = 2 ** 15;

/**
 * Memory in which short messages follow the block of a key. It keeps no state: each computation writes all bytes that it reads.
 * From the first write on no foreign code runs, because messages are true Uint8Arrays, which input.ts checks.
 */
const work = Buffer.alloc(hashBlockBytes + maxShortMessageBytes);

/** Returns the MAC function of a key of at most 64 bytes. */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const keyObject = createSecretKey(key);
  const innerBlock = keyBlock(key, 0x36);
  const outerBlock = keyBlock(key, 0x5c);

  return (message) => {
    const { length } = message;
    if (length > maxShortMessageBytes) return createHmac('sha256', keyObject).update(message).digest();
    work.set(innerBlock);
    work.set(message, hashBlockBytes);
    const inner = digest(hashBlockBytes + length);
    work.set(outerBlock);
    work.write(inner, hashBlockBytes, 'binary');
    return Buffer.from(digest(hashBlockBytes + digestBytes), 'binary');
  };
}

function keyBlock(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(hashBlockBytes);
  block.set(key);
  return block.map((byte) => byte ^ pad);
}

/** Returns the hash of the first bytes of `work` as a string of bytes. A Buffer would take Node three times as long. */
function digest(length: number): string {
  return hash('sha256', work.subarray(0, length), 'binary');
}
