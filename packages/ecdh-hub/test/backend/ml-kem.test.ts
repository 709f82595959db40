/**
 * ML-KEM-768 of both backends against hashes that another implementation published: those of `TestAccumulated` in Go's
 * `crypto/mlkem`. They stand for 100 and 10,000 vectors of key generation, encapsulation, decapsulation and rejection.
 */
import { createHash } from 'node:crypto';
import { shake128 } from '@noble/hashes/sha3.js';
import { describe, expect, test } from 'vitest';
import { type MlKem, mlKemBytes } from '../../src/backend/backend.ts';
import { backends, hex, toHex } from '../support/setting.ts';

const full = process.env['CHAT_TEST'] === 'full';
const [vectors, expected] = full
  ? [10_000, '8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc']
  : [100, '1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415'];

/** The keys and what is decapsulated are of one backend; a given message is encapsulated portably in both. */
function accumulated(mlKem: MlKem): string {
  const draws = shake128.create({});
  const results = createHash('shake128', { outputLength: 32 });
  for (let vector = 0; vector < vectors; vector++) {
    const { publicKey, decapsulate } = mlKem.derive(draws.xof(mlKemBytes.seed));
    const { ciphertext, sharedSecret } = mlKem.encapsulate(publicKey, { message: draws.xof(mlKemBytes.message) });
    expect(decapsulate(ciphertext)).toEqual(sharedSecret);
    for (const result of [publicKey, ciphertext, sharedSecret]) results.update(result);
    results.update(decapsulate(draws.xof(mlKemBytes.ciphertext)));
  }
  return results.digest('hex');
}

test.each(backends)(`%s backend: ${vectors} vectors have the hash that Go published`, (_, { mlKem }) => {
  expect(accumulated(mlKem)).toBe(expected);
});

/** NIST's examples of FIPS 202: the empty message, and SHA3-256 of 200 bytes 0xa3. */
describe.each(backends)('%s backend', (_, backend) => {
  test('SHA3-256 matches its published values', () => {
    expect(toHex(backend.sha3(new Uint8Array()))).toBe(
      'a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a',
    );
    expect(toHex(backend.sha3(new Uint8Array(200).fill(0xa3)))).toBe(
      '79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787',
    );
  });

  test('SHAKE256 matches its published value, in each length', () => {
    const published = hex(`46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f
                           d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be`);
    expect(backend.shake256(new Uint8Array(), 64)).toEqual(published);
    expect(backend.shake256(new Uint8Array(), 32)).toEqual(published.slice(0, 32));
  });
});
