/** The curve P-384 (SP 800-186, section 3.2.1.4) as bytes: sizes, the range of scalars, and key pairs. */
import { hexToBytes } from '@noble/hashes/utils.js';

/** The size of a scalar (the private key, r, s) and of a coordinate. */
export const scalarBytes = 48;

/** The size of an uncompressed point: 0x04, x, y (SEC 1, section 2.3.3). */
export const pointBytes = 1 + 2 * scalarBytes;

/** The first byte of an uncompressed point. */
export const uncompressed = 0x04;

/** The order n, in 48 bytes. */
const order = /* @__PURE__ */ hexToBytes(
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

/** A private scalar in 48 bytes, and the uncompressed point that belongs to it. */
export interface KeyPair {
  readonly scalar: Uint8Array;
  readonly point: Uint8Array;
}

/**
 * Returns whether a big-endian number of at most 48 bytes is in [1, n - 1], as private keys, r and s must be. Subtracts n,
 * in a time that depends only on the number's length.
 */
export function isScalar(magnitude: Uint8Array): boolean {
  if (magnitude.length > scalarBytes) return false;
  let bits = 0;
  let borrow = 0;
  for (let place = 1; place <= scalarBytes; place++) {
    const digit = magnitude[magnitude.length - place] ?? 0;
    bits |= digit;
    borrow = (digit - (order[scalarBytes - place] ?? 0) - borrow) >>> 31;
  }
  return bits !== 0 && borrow === 1;
}
