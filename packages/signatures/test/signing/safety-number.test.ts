/** Safety numbers: symmetric, different for different users, and frozen, because two versions of a program must agree. */
import { createHash } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePem } from '../../src/encoding/pem.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import { engines, native } from '../support/engine.ts';
import { toBytes } from '../support/inputs.ts';

const keyOf = (scalar: bigint) => encodeSpki(native.backend.publicPoint(toBytes(scalar)));
const [one, two, three] = [keyOf(1n), keyOf(2n), keyOf(3n)];

/** Computed once and kept. A change here needs another version. Keys with the private scalars 1, 2 and 3. */
const vectors: [string, Uint8Array, Uint8Array, string?, string?][] = [
  ['13840 91583 63601 42296 00043 56551 39591 22629 10743 79089 70125 13950', one, two],
  ['13840 91583 63601 42296 00043 56551 76107 86707 91039 94798 68543 05489', one, three],
  ['29097 14741 43698 45746 36961 54678 70589 18095 22778 87665 81517 40369', one, two, 'alice', 'bob'],
  ['48051 97627 24223 88598 32476 90630 82817 18032 49929 41432 21032 58238', two, one, 'Zoë', '名前'],
];

const keys = fc.bigInt({ min: 1n, max: 2n ** 380n }).map(keyOf);
const names = fc.option(fc.string({ unit: 'grapheme', maxLength: 6 }), { nil: undefined });
const parties = fc.record({ publicKey: keys, name: names });

describe.each(engines)('%s', (_name, engine) => {
  test.each(vectors)('computes %s', (expected, a, b, nameOfA, nameOfB) => {
    const [left, right] = [
      { publicKey: a, name: nameOfA },
      { publicKey: b, name: nameOfB },
    ];
    expect(engine.safetyNumber(left, right)).toBe(expected);
    expect(engine.safetyNumber(right, left)).toBe(expected);
  });
});

test('a second implementation of the documented construction gives the same number', () => {
  const half = (key: Uint8Array, name: string) => {
    const length = (bytes: Uint8Array) => Buffer.from(bytes.length.toString(16).padStart(8, '0'), 'hex');
    const text = Buffer.from(name);
    let hash = createHash('sha512').update('@chat/signatures safety number v1\n');
    for (const part of [length(key), key, length(text), text]) hash = hash.update(part);
    let digest = hash.digest();
    for (let i = 1; i < 5200; i++) digest = createHash('sha512').update(digest).update(key).digest();
    const groups = [0, 5, 10, 15, 20, 25].map((at) => BigInt(digest.readUIntBE(at, 5)) % 100_000n);
    return groups.map((group) => group.toString().padStart(5, '0')).join(' ');
  };
  const expected = [half(one, 'alice'), half(two, '')].sort().join(' ');
  expect(native.safetyNumber({ publicKey: one, name: 'alice' }, { publicKey: two })).toBe(expected);
});

test('the number is symmetric, and has 12 groups of 5 digits', () => {
  fc.assert(
    fc.property(parties, parties, (a, b) => {
      const number = native.safetyNumber(a, b);
      expect(number).toMatch(/^\d{5}( \d{5}){11}$/);
      expect(native.safetyNumber(b, a)).toBe(number);
    }),
    { numRuns: 4 },
  );
});

test('another key or another name on either side gives another number', () => {
  fc.assert(
    fc.property(parties, parties, keys, (a, b, key) => {
      const number = native.safetyNumber(a, b);
      const others = [
        native.safetyNumber({ ...a, publicKey: key }, b),
        native.safetyNumber(a, { ...b, publicKey: key }),
        native.safetyNumber({ ...a, name: `${a.name ?? ''}.` }, b),
        native.safetyNumber(a, { ...b, name: `${b.name ?? ''}.` }),
      ];
      expect(new Set([number, ...others]).size).toBe(5);
    }),
    { numRuns: 2 },
  );
});

test('exchanging the names gives another number', () => {
  const number = native.safetyNumber({ publicKey: one, name: 'alice' }, { publicKey: two, name: 'bob' });
  expect(native.safetyNumber({ publicKey: one, name: 'bob' }, { publicKey: two, name: 'alice' })).not.toBe(number);
});

test('keys in any form are accepted, and signers and verifiers', () => {
  const signer = native.generateSigner();
  const verifier = native.importVerifier(one);
  const number = native.safetyNumber(signer, verifier);
  const [pem, jwk] = [native.exportPublicKey(signer, 'pem'), native.exportPublicKey(verifier, 'jwk')];
  expect(native.safetyNumber({ publicKey: pem }, { publicKey: jwk })).toBe(number);
  expect(native.safetyNumber({ publicKey: decodePem('PUBLIC KEY', pem) ?? pem }, { publicKey: one })).toBe(number);
});

test('values that are not keys or names are refused', () => {
  const sound = { publicKey: one };
  for (const publicKey of [one.subarray(1), hexToBytes('00'), '', native.backend.sha256(one), {}]) {
    expect(thrownCode(() => native.safetyNumber({ publicKey }, sound))).toBe('invalid-public-key');
    expect(thrownCode(() => native.safetyNumber(sound, { publicKey }))).toBe('invalid-public-key');
  }
  expect(thrownCode(() => native.safetyNumber(sound, { publicKey: two, name: '\ud800' }))).toBe('invalid-argument');
});
