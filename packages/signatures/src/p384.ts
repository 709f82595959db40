/** The curve P-384 (SP 800-186, section 3.2.1.4) as bytes: sizes, the range of scalars, and a key pair. */
import { bytesToHex } from '@noble/hashes/utils.js';

/** Bytes of a scalar (the private key, r, s) and of a coordinate. */
export const scalarBytes = 48;

/** Bytes of an uncompressed point: 0x04, x, y (SEC 1, section 2.3.3). */
export const pointBytes = 1 + 2 * scalarBytes;
export const uncompressed = 0x04;

const order = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

/** A private scalar in 48 bytes, and the uncompressed point that belongs to it. */
export interface KeyPair {
  readonly scalar: Uint8Array;
  readonly point: Uint8Array;
}

/** Whether a big-endian number of at most 48 bytes is in [1, n - 1]: what private keys, r and s must be. */
export function isScalar(magnitude: Uint8Array): boolean {
  if (magnitude.length === 0 || magnitude.length > scalarBytes) return false;
  const value = BigInt(`0x${bytesToHex(magnitude)}`);
  return value > 0n && value < order;
}
