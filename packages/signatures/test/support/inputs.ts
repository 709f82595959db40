/** Shared by the tests: cheap keys, damaged inputs, and the outcomes of calls. */
import { element, sequence, tag, unsigned } from '../../src/encoding/der.ts';
import type { KeyDerivation } from '../../src/keys/key-derivation.ts';

export const bytes = (text: string) => new TextEncoder().encode(text);

/** The cheapest key derivation, for tests that open a file thousands of times. */
export const cheap: KeyDerivation = { name: 'pbkdf2', salt: new Uint8Array(8).fill(7), iterations: 1, hash: 'sha256' };
export const iv = new Uint8Array(16).fill(9);

/** Returns a number in so many bytes, big-endian. 48 if omitted. */
export function toBytes(value: bigint, length = 48): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

/** Returns a big-endian number. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
}

/** Returns r and s as DER. */
export function derSignature(r: bigint, s: bigint): Uint8Array {
  return sequence(unsigned(toBytes(r)), unsigned(toBytes(s)));
}

/** Returns an INTEGER with any content. */
export const rawInteger = (...content: number[]) => element(tag.integer, Uint8Array.from(content));

/**
 * Returns `none` if the call returns, or the code of the SignatureError that it throws, from any module graph. Rethrows every
 * other error.
 */
export function outcomeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Error && error.name === 'SignatureError' && 'code' in error) return String(error.code);
    throw error;
  }
  return 'none';
}

/** Returns the outcome of a promise, or of a call that throws before it returns one. */
export async function outcomeOfPromise(call: () => Promise<unknown>): Promise<string> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return outcomeOf(() => {
    if (error !== undefined) throw error;
  });
}

/** Yields every proper prefix of the bytes. */
export function* truncations(whole: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < whole.length; length++) yield whole.subarray(0, length);
}

/** Yields the bytes with each bit flipped in turn. */
export function* bitFlips(whole: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = whole.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}
