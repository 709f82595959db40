/** Malformed and wrong signatures in DER: both backends return false for each, and none throws. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { element, sequence, tag, unsigned } from '../../src/encoding/der.ts';
import { isDerSignature } from '../../src/encoding/signature-encoding.ts';
import { credulous, engines, native } from '../support/engine.ts';
import { bitFlips, bytes, derSignature, order, rawInteger, toBytes, truncations } from '../support/inputs.ts';

const message = bytes('message');
const { privateKey, publicPem } = makeKey();
const signature = new Uint8Array(sign('sha256', message, privateKey));
const one = unsigned(Uint8Array.of(1));
const r = signature.subarray(2, 4 + (signature[3] ?? 0));
const s = signature.subarray(2 + r.length);
const prime = order + 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68cn; // p, the field's size

/** Each is wrong in one way. Where possible, its numbers are those of a valid signature. */
const malformed: [string, Uint8Array][] = [
  ['empty', Uint8Array.of()],
  ['an empty sequence', sequence()],
  ['r = 0', derSignature(0n, 1n)],
  ['s = 0', derSignature(1n, 0n)],
  ['both 0', derSignature(0n, 0n)],
  ['r = n', derSignature(order, 1n)],
  ['s = n', derSignature(1n, order)],
  ['r = n + 1', derSignature(order + 1n, 1n)],
  ['s = n + 1', derSignature(1n, order + 1n)],
  ['r = p', derSignature(prime, 1n)],
  ['r = 2^384 - 1', derSignature(2n ** 384n - 1n, 1n)],
  ['r of 49 bytes', sequence(unsigned(Uint8Array.of(1, ...toBytes(0n))), s)],
  ['s + n', sequence(r, unsigned(addOrder(s)))],
  ['r + n', sequence(unsigned(addOrder(r)), s)],
  ['a negative r', sequence(rawInteger(0xff), s)],
  ['a negative s', sequence(r, rawInteger(0x80, 1))],
  ['an r without bytes', sequence(rawInteger(), s)],
  ['an s without bytes', sequence(r, rawInteger())],
  ['a superfluous zero before r', sequence(element(tag.integer, Uint8Array.of(0), r.subarray(2)), s)],
  ['a superfluous zero before s', sequence(r, element(tag.integer, Uint8Array.of(0, 0), s.subarray(2)))],
  ['r missing', sequence(s)],
  ['a third integer', sequence(r, s, one)],
  ['a null at the end', sequence(r, s, element(tag.null))],
  ['bytes after the end', Uint8Array.of(...signature, 0)],
  ['an object after the end', Uint8Array.of(...signature, ...one)],
  ['length of the sequence in long form', Uint8Array.of(0x30, 0x81, ...signature.subarray(1))],
  ['length of the sequence in longer form', Uint8Array.of(0x30, 0x82, 0, ...signature.subarray(1))],
  ['length of r in long form', sequence(Uint8Array.of(2, 0x81, ...r.subarray(1)), s)],
  ['length of s in long form', sequence(r, Uint8Array.of(2, 0x81, ...s.subarray(1)))],
  ['indefinite length', Uint8Array.of(0x30, 0x80, ...r, ...s, 0, 0)],
  ['a length of 2^32 - 1', Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, ...r, ...s)],
  ['a length beyond the end', Uint8Array.of(0x30, (signature[1] ?? 0) + 1, ...r, ...s)],
  ['a set instead of a sequence', Uint8Array.of(0x31, ...signature.subarray(1))],
  ['octet strings instead of integers', sequence(element(tag.octetString, r.subarray(2)), s)],
  ['r || s without DER', sign('sha256', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })],
  ['96 zeros', new Uint8Array(96)],
  ['the hash', createHash('sha256').update(message).digest()],
];

test('the malformed signatures contain the numbers of a valid one', () => {
  expect(isDerSignature(signature)).toBe(true);
  expect(sequence(r, s)).toEqual(signature);
  expect(isDerSignature(derSignature(1n, order - 1n))).toBe(true);
});

/** Checks that the library refuses malformed signatures itself and does not rely on the engines. */
describe('an engine that accepts every signature', () => {
  test('receives sound signatures', () => {
    expect(credulous.verifySignature(publicPem, derSignature(1n, order - 1n), message)).toBe(true);
  });

  test.each(malformed)('does not receive: %s', (_what, bad) => {
    expect(credulous.verifySignature(publicPem, bad, message)).toBe(false);
  });
});

describe.each(engines)('%s', (_name, engine) => {
  test('accepts the valid signature', () => {
    expect(engine.verifySignature(publicPem, signature, message)).toBe(true);
  });

  test.each(malformed)('refuses %s', (_what, bad) => {
    expect(engine.verifySignature(publicPem, bad, message)).toBe(false);
  });

  test.each([
    ['r = s = 1', 1n, 1n],
    ['r and s exchanged', magnitudeOf(s), magnitudeOf(r)],
    ['r = s = n - 1', order - 1n, order - 1n],
    ['r = p - n', prime - order, 1n],
  ])('refuses %s, which is well formed', (_what, r, s) => {
    expect(engine.verifySignature(publicPem, derSignature(r, s), message)).toBe(false);
  });

  test('refuses every truncation', () => {
    for (const cut of truncations(signature)) expect(engine.verifySignature(publicPem, cut, message)).toBe(false);
  });

  test('verifies a Buffer and a part of a larger buffer', () => {
    const larger = new Uint8Array(signature.length + 10);
    larger.set(signature, 5);
    const part = larger.subarray(5, 5 + signature.length);
    expect(engine.verifySignature(publicPem, part, Buffer.from(message))).toBe(true);
    expect(engine.verifySignature(publicPem, Buffer.from(signature), message)).toBe(true);
  });
});

test('every bit flip is refused', () => {
  const verifier = native.importVerifier(publicPem);
  const domain = { protocol: 'test/1', purpose: 'flip', context: '' };
  const signer = native.importPlainPrivateKey(privateKey);
  for (const flipped of bitFlips(signer.sign(domain, message))) {
    expect(verifier.verify(domain, message, flipped)).toBe(false);
  }
});

function makeKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-384',
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  return { privateKey, publicPem: publicKey };
}

function addOrder(integer: Uint8Array): Uint8Array {
  const hex = (magnitudeOf(integer) + order).toString(16);
  return Uint8Array.from(Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex'));
}

function magnitudeOf(integer: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(integer.subarray(2)).toString('hex')}`);
}
