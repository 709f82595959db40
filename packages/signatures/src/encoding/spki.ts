/**
 * P-384 public keys as SubjectPublicKeyInfo (RFC 5480, section 2): named curve and uncompressed point, which determines
 * every byte before the coordinates. Decoding compares those bytes, so exactly one encoding of a key is accepted, and
 * fingerprints are unique.
 */
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { pointBytes } from './p384.ts';

/** SEQUENCE { SEQUENCE { ecPublicKey, secp384r1 }, BIT STRING (no unused bits) of a point that begins with 0x04 */
const head = hexToBytes('3076301006072a8648ce3d020106052b8104002203620004');
const spkiBytes = head.length - 1 + pointBytes;

/** Encodes an uncompressed point as SPKI DER: 120 bytes. */
export function encodeSpki(point: Uint8Array): Uint8Array {
  return concatBytes(head.subarray(0, -1), point);
}

/** Returns the uncompressed point, not yet checked to be on the curve, or `null` for any other bytes. */
export function decodeSpki(spki: Uint8Array): Uint8Array | null {
  const sound = spki.length === spkiBytes && head.every((byte, at) => spki[at] === byte);
  return sound ? Uint8Array.from(spki.subarray(head.length - 1)) : null;
}
