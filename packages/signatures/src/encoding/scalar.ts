/** Numbers modulo the order n of a curve (private keys, r, s) as big-endian bytes: their range, and which of two s is the low one. */
import type { CurveParameters } from './curve.ts';

/**
 * Returns whether a big-endian number, of at most the size of a scalar, is in [1, n - 1], as private keys, r and s must be.
 * Subtracts n, in a time that depends only on the number's length.
 */
export function isScalar(magnitude: Uint8Array, { order, scalarBytes }: CurveParameters): boolean {
  if (magnitude.length > scalarBytes) return false;
  const isZero = magnitude.reduce((bits, digit) => bits | digit, 0) === 0;
  return !isZero && subtract(magnitude, order).borrow === 1;
}

/**
 * Returns the same for an r or an s, which is public. Servers check one for each message, so this returns as soon as the digits
 * decide.
 */
export function isPublicScalar(magnitude: Uint8Array, { order, scalarBytes }: CurveParameters): boolean {
  return magnitude.length <= scalarBytes && magnitude.some((digit) => digit !== 0) && compare(magnitude, order) < 0;
}

/** Returns whether an s in [1, n - 1], which is public, is at most (n - 1) / 2. */
export function isLow(scalar: Uint8Array, { highestLow }: CurveParameters): boolean {
  return compare(scalar, highestLow) <= 0;
}

/** Returns n minus a scalar, in the size of a scalar. */
export function negate(scalar: Uint8Array, { order }: CurveParameters): Uint8Array {
  return subtract(order, scalar).difference;
}

/** Compares a big-endian number with one that is at least as long and does not begin with a zero. */
function compare(number: Uint8Array, bound: Uint8Array): number {
  if (number.length < bound.length) return -1;
  const place = bound.findIndex((digit, index) => digit !== number[index]);
  return place < 0 ? 0 : (number[place] ?? 0) - (bound[place] ?? 0);
}

/** Subtracts big-endian numbers, modulo 2^(8 · the size of the longer one). The borrow is 1 if the result is negative. */
function subtract(from: Uint8Array, number: Uint8Array): { readonly difference: Uint8Array; readonly borrow: number } {
  const size = Math.max(from.length, number.length);
  const difference = new Uint8Array(size);
  let borrow = 0;
  for (let place = 1; place <= size; place++) {
    const digit = (from[from.length - place] ?? 0) - (number[number.length - place] ?? 0) - borrow;
    difference[size - place] = digit;
    borrow = digit >>> 31;
  }
  return { difference, borrow };
}
