/** Signatures as IEEE P1363 and Web Crypto write them: r and s one after the other, 48 bytes each. */
import type { SignaturePair } from './der-signature.ts';
import { isScalar, scalarBytes } from './p384.ts';

const signatureBytes = 2 * scalarBytes;

export function encodeP1363Signature({ r, s }: SignaturePair): Uint8Array {
  const bytes = new Uint8Array(signatureBytes);
  bytes.set(r, scalarBytes - r.length);
  bytes.set(s, signatureBytes - s.length);
  return bytes;
}

/** The pair, when these are 96 bytes with r and s in [1, n - 1]. Views, not copies. */
export function decodeP1363Signature(bytes: Uint8Array): SignaturePair | undefined {
  if (bytes.length !== signatureBytes) return undefined;
  const r = bytes.subarray(0, scalarBytes);
  const s = bytes.subarray(scalarBytes);
  return isScalar(r) && isScalar(s) ? { r, s } : undefined;
}
