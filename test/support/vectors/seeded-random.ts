/** Reproducible randomness for the examples. It MUST NOT make keys that are to stay secret. */
import { createHash } from 'node:crypto';

/** Returns a generator whose call number n, from 0, returns the first bytes, at most 64, of SHA-512(`<seed> <n>`). */
export function unsafeSeededRandom(seed: string): (bytes: number) => Uint8Array {
  let draws = 0;
  return (bytes) => {
    if (bytes > 64) throw new Error(`A call returns at most 64 bytes, not ${bytes}.`);
    return new Uint8Array(createHash('sha512').update(`${seed} ${draws++}`).digest()).slice(0, bytes);
  };
}
