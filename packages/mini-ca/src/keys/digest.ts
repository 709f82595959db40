/** SHA-256, the digest of fingerprints, key identifiers and the ledger's lines. */
import { createHash } from 'node:crypto';

/** Returns the 32 bytes. */
export function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Returns lower-case hexadecimal. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
