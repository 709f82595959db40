/** PKCS #7 padding to AES blocks (RFC 5652 section 6.3): n bytes of value n, 1 to 16 of them. */
import { BLOCK_LENGTH } from '../token/envelope.ts';

/** Of data that many bytes long. */
export function paddedLength(length: number): number {
  return length + paddingCount(length);
}

/** Writes the data and their padding. `place` is of their `paddedLength`. */
export function writePadded(place: Uint8Array, data: Uint8Array): void {
  place.set(data);
  place.fill(paddingCount(data.length), data.length);
}

/**
 * A copy without the padding, undefined when the padding is wrong. Not constant in time, and it need not be: only bytes
 * whose MAC was right come here, so only somebody with the key can get padding wrong.
 */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  const count = padded[padded.length - 1] ?? 0;
  if (count < 1 || count > BLOCK_LENGTH || count > padded.length) return undefined;
  const end = padded.length - count;
  for (let i = end; i < padded.length; i++) if (padded[i] !== count) return undefined;
  return new Uint8Array(padded.subarray(0, end));
}

function paddingCount(length: number): number {
  return BLOCK_LENGTH - (length % BLOCK_LENGTH);
}
