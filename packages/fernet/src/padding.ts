/** PKCS #7 padding to AES blocks (RFC 5652 section 6.3): n bytes of value n, 1 to 16 of them. */
import { BLOCK_LENGTH } from './envelope.ts';

/** A padded copy. */
export function pad(data: Uint8Array): Uint8Array {
  const count = BLOCK_LENGTH - (data.length % BLOCK_LENGTH);
  const padded = new Uint8Array(data.length + count);
  padded.set(data);
  return padded.fill(count, data.length);
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
