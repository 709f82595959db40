/** DHKEM against RFC 9180, and against OpenSSL's own. */
import crypto from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kemOf } from '../../src/kem/kem-of.ts';
import { type CurveSuite, requireSuite } from '../../src/suite.ts';
import { backends, curveSuites, hex, seededKeys, seededRandom } from '../support/setting.ts';

/** RFC 9180, appendices A.1.1 and A.3.1. */
const vectors: readonly Readonly<Record<'suite' | 'own' | 'ephemeral' | 'sharedSecret', string>>[] = [
  {
    suite: 'X25519',
    own: '4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8',
    ephemeral: '52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736',
    sharedSecret: 'fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc',
  },
  {
    suite: 'P-256',
    own: 'f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2',
    ephemeral: '4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb',
    sharedSecret: 'c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8',
  },
];

/** Returns Node's form of a public key. */
function nodeKey(suite: CurveSuite, publicKey: Uint8Array): crypto.KeyObject {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const size = (publicKey.length - 1) / 2;
  const key =
    suite === 'X25519'
      ? { kty: 'OKP', crv: 'X25519', x: text(publicKey) }
      : { kty: 'EC', crv: suite, x: text(publicKey.subarray(1, 1 + size)), y: text(publicKey.subarray(1 + size)) };
  return crypto.createPublicKey({ key, format: 'jwk' });
}

describe.each(backends)('%s backend', (_, backend) => {
  test.each(vectors)('$suite matches RFC 9180', ({ suite, own, ephemeral, sharedSecret }) => {
    const kem = kemOf(backend, requireSuite(suite as CurveSuite, 'invalid-argument'));
    const decapsulator = kem.derive(hex(own ?? ''));
    const random = () => hex(ephemeral ?? '');
    const encapsulated = kem.encapsulate(decapsulator.publicKey, { random });
    expect(encapsulated.sharedSecret).toEqual(hex(sharedSecret ?? ''));
    expect(encapsulated.encapsulation).toEqual(kem.derive(random()).publicKey);
    expect(decapsulator.decapsulate(encapsulated.encapsulation)).toEqual(encapsulated.sharedSecret);
  });

  test.each(curveSuites)('%s: decapsulates what OpenSSL encapsulated', (name) => {
    const suite = requireSuite(name, 'invalid-argument');
    const keys = seededKeys(name);
    const { ciphertext, sharedKey } = crypto.encapsulate(nodeKey(name, keys.publicKey));
    const own = kemOf(backend, suite).load(keys.privateKey, keys.publicKey);
    expect(own.decapsulate(new Uint8Array(ciphertext))).toEqual(new Uint8Array(sharedKey));
    expect([ciphertext.length, sharedKey.length]).toEqual([suite.encapsulationBytes, suite.sharedSecretBytes]);
  });

  test.each(curveSuites)('%s: the secret is bound to the encapsulation and to the public key', (name) => {
    const kem = kemOf(backend, requireSuite(name, 'invalid-argument'));
    const [one, two] = [seededKeys(name), seededKeys(name, 'other')];
    const made = kem.encapsulate(one.publicKey, { random: seededRandom('hub') });
    expect(kem.load(one.privateKey, one.publicKey).decapsulate(made.encapsulation)).toEqual(made.sharedSecret);
    expect(kem.load(two.privateKey, two.publicKey).decapsulate(made.encapsulation)).not.toEqual(made.sharedSecret);
    const same = kem.encapsulate(two.publicKey, { random: seededRandom('hub') });
    expect(same.encapsulation).toEqual(made.encapsulation);
    expect(same.sharedSecret).not.toEqual(made.sharedSecret);
  });
});
