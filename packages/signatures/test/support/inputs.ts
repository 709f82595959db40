/** Shared by the tests: cheap keys, damaged inputs, and the code of an error whichever module graph threw it. */
import { element, sequence, tag, unsigned } from '../../src/encoding/der.ts';
import type { KeyDerivation } from '../../src/keys/key-derivation.ts';

export const bytes = (text: string) => new TextEncoder().encode(text);

/** The cheapest derivation, for tests that open a file thousands of times. */
export const cheap: KeyDerivation = { name: 'pbkdf2', salt: new Uint8Array(8).fill(7), iterations: 1, hash: 'sha256' };
export const iv = new Uint8Array(16).fill(9);

/** n, the order of P-384. */
export const order =
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;

export function toBytes(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(96, '0'), 'hex'));
}

export function derSignature(r: bigint, s: bigint): Uint8Array {
  return sequence(unsigned(toBytes(r)), unsigned(toBytes(s)));
}

/** An INTEGER with this content, sound or not. */
export const rawInteger = (...content: number[]) => element(tag.integer, Uint8Array.from(content));

/** The code of what `run` throws; 'nothing' when it does not; other errors pass through. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error && error.name === 'SignatureError' && 'code' in error) return String(error.code);
    throw error;
  }
  return 'nothing';
}

/** The same of a promise, and of what throws before there is one. */
export async function rejectionOf(run: () => Promise<unknown>): Promise<string> {
  const error = await run().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return codeOf(() => {
    if (error !== undefined) throw error;
  });
}

/** Every proper beginning of the bytes. */
export function* truncations(whole: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < whole.length; length++) yield whole.subarray(0, length);
}

/** The bytes with each bit flipped in turn. */
export function* bitFlips(whole: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = whole.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}
