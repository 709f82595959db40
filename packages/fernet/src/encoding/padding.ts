/** PKCS #7 padding to AES blocks (RFC 5652, section 6.3): n bytes of value n, from 1 to 16. */
import { blockBytes } from './aes-block.ts';

/** Returns the size of data of `length` bytes with their padding. */
export function paddedLength(length: number): number {
  return length + paddingCount(length);
}

/**
 * Writes data and their padding.
 *
 * @param target `paddedLength(data.length)` bytes
 */
export function writePadded(target: Uint8Array, data: Uint8Array): void {
  target.set(data);
  target.fill(paddingCount(data.length), data.length);
}

/**
 * Returns a copy without the padding; null when the padding is invalid. The check is not constant-time, because it runs only
 * on bytes whose MAC has been verified: only an owner of the key can cause invalid padding.
 */
export function unpad(padded: Uint8Array): Uint8Array | null {
  const count = padded[padded.length - 1] ?? 0;
  if (count < 1 || count > blockBytes || count > padded.length) return null;
  const end = padded.length - count;
  for (let i = end; i < padded.length; i++) if (padded[i] !== count) return null;
  return new Uint8Array(padded.subarray(0, end));
}

function paddingCount(length: number): number {
  return blockBytes - (length % blockBytes);
}
