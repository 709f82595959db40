/** Randomness that is the same each time, for examples only: never a source of keys that are to stay secret. */
import { createHash } from 'node:crypto';

/** The draw number n, from 0, is the beginning of SHA-512(`<seed> <n>`): at most 64 bytes at a time. */
export function unsafeSeededRandom(seed: string): (bytes: number) => Uint8Array {
  let draws = 0;
  return (bytes) => {
    if (bytes > 64) throw new Error(`A draw has at most 64 bytes, not ${bytes}.`);
    return new Uint8Array(createHash('sha512').update(`${seed} ${draws++}`).digest()).slice(0, bytes);
  };
}
