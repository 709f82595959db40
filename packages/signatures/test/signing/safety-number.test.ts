/** Safety numbers: symmetric, different for different users, and frozen, because two versions of a program must agree. */
import { createHash } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePem } from '../../src/encoding/pem.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { SafetyNumberParty } from '../../src/index.ts';
import { p256, p384, pairOf } from '../support/curves.ts';
import { engines, native } from '../support/engine.ts';

const keyOf = (scalar: bigint) => encodeSpki(pairOf(p384, scalar));
const [one, two, three] = [keyOf(1n), keyOf(2n), keyOf(3n)];
const onP256 = (scalar: bigint) => ({ publicKey: encodeSpki(pairOf(p256, scalar)), curve: p256.name });

/** Computed once and kept. A change here needs another version. Keys with the private scalars 1, 2 and 3. */
const vectors: [string, SafetyNumberParty, SafetyNumberParty][] = [
  ['13840 91583 63601 42296 00043 56551 39591 22629 10743 79089 70125 13950', { publicKey: one }, { publicKey: two }],
  ['13840 91583 63601 42296 00043 56551 76107 86707 91039 94798 68543 05489', { publicKey: one }, { publicKey: three }],
  [
    '29097 14741 43698 45746 36961 54678 70589 18095 22778 87665 81517 40369',
    { publicKey: one, name: 'alice' },
    { publicKey: two, name: 'bob' },
  ],
  [
    '48051 97627 24223 88598 32476 90630 82817 18032 49929 41432 21032 58238',
    { publicKey: two, name: 'Zoë' },
    { publicKey: one, name: '名前' },
  ],
  ['13294 02053 83344 46212 19395 38453 51534 76260 43304 29847 86500 78767', onP256(1n), onP256(2n)],
  [
    '13840 91583 63601 42296 00043 56551 82072 12556 43686 87482 94310 30516',
    { publicKey: one, curve: 'P-384' },
    { ...onP256(2n), name: 'bob' },
  ],
];

const keys = fc.bigInt({ min: 1n, max: 2n ** 380n }).map(keyOf);
const names = fc.option(fc.string({ unit: 'grapheme', maxLength: 6 }), { nil: undefined });
const parties = fc.record({ publicKey: keys, name: names });

describe.each(engines)('%s', (_name, engine) => {
  test.each(vectors)('computes %s', (expected, left, right) => {
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
  const short = onP256(3n);
  const onTwoCurves = [half(one, ''), half(short.publicKey, 'bob')].sort().join(' ');
  expect(native.safetyNumber({ publicKey: one }, { ...short, name: 'bob' })).toBe(onTwoCurves);
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

test('keys of P-256 are accepted from their signers and verifiers, and where the party names the curve', () => {
  const signer = native.generateSigner({ curve: 'P-256' });
  const { publicKey, curve } = onP256(1n);
  const verifier = native.importVerifier(publicKey, { curve });
  const number = native.safetyNumber(signer, verifier);
  const [pem, jwk] = [native.exportPublicKey(signer, 'pem'), native.exportPublicKey(verifier, 'jwk')];
  expect(native.safetyNumber({ publicKey: pem, curve }, { publicKey: jwk, curve })).toBe(number);
  expect(thrownCode(() => native.safetyNumber({ publicKey }, verifier))).toBe('invalid-public-key');
  expect(thrownCode(() => native.safetyNumber(verifier, { publicKey: one, curve }))).toBe('invalid-public-key');
  for (const name of ['p-256', 'toString', null]) {
    const party = { publicKey, curve: name as 'P-256' };
    expect(thrownCode(() => native.safetyNumber(party, verifier))).toBe('invalid-argument');
  }
});

test('values that are not keys or names are refused', () => {
  const sound = { publicKey: one };
  for (const publicKey of [one.subarray(1), hexToBytes('00'), '', native.backend.sha256(one), {}]) {
    expect(thrownCode(() => native.safetyNumber({ publicKey }, sound))).toBe('invalid-public-key');
    expect(thrownCode(() => native.safetyNumber(sound, { publicKey }))).toBe('invalid-public-key');
  }
  expect(thrownCode(() => native.safetyNumber(sound, { publicKey: two, name: '\ud800' }))).toBe('invalid-argument');
});
