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

/** The largest low s, (n - 1) / 2, in 48 bytes. */
const highestLow = /* @__PURE__ */ hexToBytes(
  '7fffffffffffffffffffffffffffffffffffffffffffffffe3b1a6c0fa1b96efac0d06d9245853bd76760cb5666294b9',
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
  const isZero = magnitude.reduce((bits, digit) => bits | digit, 0) === 0;
  return !isZero && subtract(magnitude, order).borrow === 1;
}

/**
 * Returns the same for an r or an s, which is public. Servers check one for each message, so this returns as soon as the digits
 * decide.
 */
export function isPublicScalar(magnitude: Uint8Array): boolean {
  return magnitude.length <= scalarBytes && magnitude.some((digit) => digit !== 0) && compare(magnitude, order) < 0;
}

/** Returns whether an s, which is public, is at most (n - 1) / 2. */
export function isLow(scalar: Uint8Array): boolean {
  return compare(scalar, highestLow) <= 0;
}

/** Returns n minus a scalar, in 48 bytes. */
export function negate(scalar: Uint8Array): Uint8Array {
  return subtract(order, scalar).difference;
}

/** Compares a big-endian number of at most 48 bytes with one of 48 bytes that does not begin with a zero. */
function compare(number: Uint8Array, bound: Uint8Array): number {
  if (number.length < scalarBytes) return -1;
  const place = bound.findIndex((digit, index) => digit !== number[index]);
  return place < 0 ? 0 : (number[place] ?? 0) - (bound[place] ?? 0);
}

/** Subtracts big-endian numbers of at most 48 bytes, modulo 2^384. The borrow is 1 if the result is negative. */
function subtract(from: Uint8Array, number: Uint8Array): { readonly difference: Uint8Array; readonly borrow: number } {
  const difference = new Uint8Array(scalarBytes);
  let borrow = 0;
  for (let place = 1; place <= scalarBytes; place++) {
    const digit = (from[from.length - place] ?? 0) - (number[number.length - place] ?? 0) - borrow;
    difference[scalarBytes - place] = digit;
    borrow = digit >>> 31;
  }
  return { difference, borrow };
}
