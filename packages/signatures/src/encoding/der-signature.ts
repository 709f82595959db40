/** Ecdsa-Sig-Value (RFC 3279, section 2.2.3): SEQUENCE { r INTEGER, s INTEGER }. */
import { DerError, DerReader, sequence, tag, unsigned } from './der.ts';
import { isScalar } from './p384.ts';

/** r and s, each in [1, n - 1]: big-endian, at most 48 bytes. */
export interface SignaturePair {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

export function encodeDerSignature({ r, s }: SignaturePair): Uint8Array {
  return sequence(unsigned(r), unsigned(s));
}

/**
 * The pair, when these bytes are the one DER encoding of an r and an s in [1, n - 1]. Both halves of the range of s
 * count: openssl makes both, so (r, n - s) is a second valid signature of the same data, and signatures must not serve
 * as unique names of what they sign.
 */
export function decodeDerSignature(bytes: Uint8Array): SignaturePair | undefined {
  try {
    const outer = new DerReader(bytes);
    const pair = outer.inside(tag.sequence);
    outer.end();
    const r = pair.unsigned();
    const s = pair.unsigned();
    pair.end();
    return isScalar(r) && isScalar(s) ? { r, s } : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

export function isDerSignature(bytes: Uint8Array): boolean {
  return decodeDerSignature(bytes) !== undefined;
}
