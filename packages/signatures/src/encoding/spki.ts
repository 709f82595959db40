/**
 * Public keys as SubjectPublicKeyInfo (RFC 5480, section 2): named curve and uncompressed point. The curve determines every byte
 * before the coordinates. Decoding compares those bytes, so exactly one encoding of a key is accepted, no key of another curve
 * is, and fingerprints are unique.
 */
import { concatBytes } from '@noble/hashes/utils.js';
import type { CurveParameters, PublicPoint } from './curve.ts';

/** Encodes an uncompressed point as SPKI DER: 120 bytes for P-384, 91 for P-256. */
export function encodeSpki({ curve, point }: PublicPoint): Uint8Array {
  return concatBytes(curve.spkiHead.subarray(0, -1), point);
}

/** Returns the uncompressed point of the curve, not yet checked to be on it, or `null` for any other bytes. */
export function decodeSpki(spki: Uint8Array, { spkiHead, pointBytes }: CurveParameters): Uint8Array | null {
  const start = spkiHead.length - 1;
  const isSound = spki.length === start + pointBytes && spkiHead.every((byte, at) => spki[at] === byte);
  return isSound ? Uint8Array.from(spki.subarray(start)) : null;
}
