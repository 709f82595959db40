/** The curve P-384 (SP 800-186, section 3.2.1.4) as bytes: sizes, the range of scalars, and a key pair. */
import { hexToBytes } from '@noble/hashes/utils.js';

/** Bytes of a scalar (the private key, r, s) and of a coordinate. */
export const scalarBytes = 48;

/** Bytes of an uncompressed point: 0x04, x, y (SEC 1, section 2.3.3). */
export const pointBytes = 1 + 2 * scalarBytes;
export const uncompressed = 0x04;

/** n, in 48 bytes. */
const order = /* @__PURE__ */ hexToBytes(
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
);

/** A private scalar in 48 bytes, and the uncompressed point that belongs to it. */
export interface KeyPair {
  readonly scalar: Uint8Array;
  readonly point: Uint8Array;
}

/**
 * Whether a big-endian number of at most 48 bytes is in [1, n - 1]: what private keys, r and s must be. Subtracts n, and
 * takes the same time for all numbers of a length.
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
