/** Shared by the tests: both backends, all suites, a reproducible generator, and functions on bytes. */
import { createHash } from 'node:crypto';
import type { Backend } from '../../src/backend/backend.ts';
import { backend as native } from '../../src/backend/native.ts';
import { backend as portable } from '../../src/backend/portable.ts';
import { HubError } from '../../src/errors.ts';
import { generateKeyPair, type KeyPair } from '../../src/keys/key-pair.ts';
import type { RandomBytes } from '../../src/random.ts';
import { type CurveSuite, requireSuite, type Suite } from '../../src/suite.ts';

export { native, portable };

export const backends: [string, Backend][] = [
  ['native', native],
  ['portable', portable],
];

export const curveSuites: CurveSuite[] = ['P-384', 'P-256', 'X25519'];
export const suites: Suite[] = [...curveSuites, 'X-Wing'];

/** Each backend with each suite. */
export const everyBackendAndSuite = backends.flatMap(([name, backend]) =>
  suites.map((suite) => ({ name, backend, suite })),
);

/** Each backend with each suite of one curve. */
export const everyBackendAndCurve = backends.flatMap(([name, backend]) =>
  curveSuites.map((suite) => ({ name, backend, suite })),
);

/** Each pair of a backend that writes and a backend that reads. */
export const crossings = backends.flatMap(([writerName, writer]) =>
  backends.map(([readerName, reader]) => ({ writerName, writer, readerName, reader })),
);

/** Returns a generator whose n-th draw of b bytes is the first b bytes of SHA-512(seed || n). */
export function seededRandom(seed: string): RandomBytes {
  let draws = 0;
  return (bytes) => new Uint8Array(createHash('sha512').update(`${seed}${draws++}`).digest().subarray(0, bytes));
}

/** Generates the key pair of a suite that a seed determines. */
export function seededKeys(suite: Suite, seed = 'client'): KeyPair {
  return generateKeyPair(native, requireSuite(suite, 'invalid-argument'), seededRandom(seed));
}

/** Decodes hexadecimal text that may contain white space. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns a copy with one bit changed. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

/** Returns `none` if the call returns, or the code of the HubError that it throws. Rethrows every other error. */
export function outcomeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return 'none';
}
