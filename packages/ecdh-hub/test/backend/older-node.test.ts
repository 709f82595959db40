/** The native backend uses OpenSSL's ML-KEM and hashes where Node has them, and the portable ones where it has not. */
import crypto from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { kemOf } from '../../src/kem/kem-of.ts';
import { secureRandom } from '../../src/random.ts';
import { requireSuite } from '../../src/suite.ts';
import { portable, seededKeys } from '../support/setting.ts';

const suite = requireSuite('X-Wing', 'invalid-argument');
const keys = seededKeys('X-Wing');

const { encapsulate } = crypto;
afterEach(() => {
  Reflect.set(crypto, 'encapsulate', encapsulate);
  vi.restoreAllMocks();
});

function unsupported(): never {
  throw new Error('unsupported');
}

/** Loads the native backend again, as a new process does. */
async function freshBackend() {
  vi.resetModules();
  return (await import('../../src/backend/native.ts')).backend;
}

test('this Node has ML-KEM, so that the other tests compare two implementations', async () => {
  const [encapsulated, decapsulated] = [vi.spyOn(crypto, 'encapsulate'), vi.spyOn(crypto, 'decapsulate')];
  const kem = kemOf(await freshBackend(), suite);
  const { encapsulation, sharedSecret } = kem.encapsulate(keys.publicKey, { random: secureRandom });
  expect(kem.derive(keys.privateKey).decapsulate(encapsulation)).toEqual(sharedSecret);
  expect([encapsulated.mock.calls.length, decapsulated.mock.calls.length]).toEqual([1, 1]);
});

test.each([
  ['a Node without key encapsulation', () => Reflect.set(crypto, 'encapsulate', undefined)],
  ['an OpenSSL without ML-KEM', () => vi.spyOn(crypto, 'createPrivateKey').mockImplementation(unsupported)],
  [
    'an OpenSSL without SHA-3',
    () => {
      vi.spyOn(crypto, 'getHashes').mockReturnValue(['sha256']);
      for (const name of ['hash', 'createHash'] as const) vi.spyOn(crypto, name).mockImplementation(unsupported);
    },
  ],
])('%s: the results are the same', async (_, take) => {
  const backend = await freshBackend();
  take();
  const { mlKem, sha3, shake256 } = backend;
  // X25519 is not in question here, and imports a private key too.
  const kem = kemOf({ ...portable, mlKem, sha3, shake256 }, suite);
  const own = kem.derive(keys.privateKey);
  expect(own.publicKey).toEqual(keys.publicKey);
  const { encapsulation, sharedSecret } = kem.encapsulate(keys.publicKey, { random: secureRandom });
  expect(kemOf(portable, suite).derive(keys.privateKey).decapsulate(encapsulation)).toEqual(sharedSecret);
  expect(own.decapsulate(encapsulation)).toEqual(sharedSecret);
});
