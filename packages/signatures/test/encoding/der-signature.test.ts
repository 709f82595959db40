/** Malformed and wrong signatures in DER: both backends return false for each, and none throws. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { element, sequence, tag, unsigned } from '../../src/encoding/der.ts';
import { isDerSignature } from '../../src/encoding/signature-encoding.ts';
import { curves } from '../support/curves.ts';
import { credulous, engines, native } from '../support/engine.ts';
import { bitFlips, bytes, derSignature, rawInteger, toBytes, toNumber, truncations } from '../support/inputs.ts';

const message = bytes('message');
const one = unsigned(Uint8Array.of(1));

describe.each(curves)('$name', ({ name, options, order, prime, scalarBytes, parameters }) => {
  const { privateKey, publicKey: publicPem } = generateKeyPairSync('ec', {
    namedCurve: name,
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  const signature = new Uint8Array(sign('sha256', message, privateKey));
  const r = signature.subarray(2, 4 + (signature[3] ?? 0));
  const s = signature.subarray(2 + r.length);
  const highest = 2n ** BigInt(8 * scalarBytes) - 1n;
  const magnitudeOf = (integer: Uint8Array) => toNumber(integer.subarray(2));
  const plusOrder = (integer: Uint8Array) => unsigned(toBytes(magnitudeOf(integer) + order, scalarBytes + 1));

  /** Each is wrong in one way. Where possible, its numbers are those of a valid signature. */
  const malformed: [string, Uint8Array][] = [
    ['empty', Uint8Array.of()],
    ['an empty sequence', sequence()],
    ['r = 0', derSignature(0n, 1n)],
    ['s = 0', derSignature(1n, 0n)],
    ['both 0', derSignature(0n, 0n)],
    ['r = 0 beside a sound s', sequence(unsigned(Uint8Array.of()), s)],
    ['s = 0 beside a sound r', sequence(r, unsigned(Uint8Array.of()))],
    ['r = n', derSignature(order, 1n)],
    ['s = n', derSignature(1n, order)],
    ['r = n + 1', derSignature(order + 1n, 1n)],
    ['s = n + 1', derSignature(1n, order + 1n)],
    ['r = p', derSignature(prime, 1n)],
    ['r of one bits only', derSignature(highest, 1n)],
    ['r of one byte more', sequence(unsigned(Uint8Array.of(1, ...toBytes(0n, scalarBytes))), s)],
    ['s of one byte more', sequence(r, unsigned(Uint8Array.of(1, ...toBytes(0n, scalarBytes))))],
    ['s + n', sequence(r, plusOrder(s))],
    ['r + n', sequence(plusOrder(r), s)],
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
    ['zeros in the size of r || s', new Uint8Array(2 * scalarBytes)],
    ['the hash', createHash('sha256').update(message).digest()],
  ];

  test('the malformed signatures contain the numbers of a valid one', () => {
    expect(isDerSignature(signature, parameters)).toBe(true);
    expect(sequence(r, s)).toEqual(signature);
    expect(isDerSignature(derSignature(1n, order - 1n), parameters)).toBe(true);
    expect(isDerSignature(derSignature(order - 1n, 1n), parameters)).toBe(true);
  });

  /** Checks that the library refuses malformed signatures itself and does not rely on the engines. */
  describe('an engine that accepts every signature', () => {
    const accepts = (given: Uint8Array) => credulous.verifySignature(publicPem, given, message, 'der', options);

    test('receives sound signatures', () => {
      expect(accepts(derSignature(1n, order - 1n))).toBe(true);
    });

    test.each(malformed)('does not receive: %s', (_what, bad) => {
      expect(accepts(bad)).toBe(false);
    });
  });

  describe.each(engines)('%s', (_name, engine) => {
    const accepts = (given: Uint8Array, data = message) =>
      engine.verifySignature(publicPem, given, data, 'der', options);

    test('accepts the valid signature', () => {
      expect(accepts(signature)).toBe(true);
    });

    test.each(malformed)('refuses %s', (_what, bad) => {
      expect(accepts(bad)).toBe(false);
    });

    test.each([
      ['r = s = 1', 1n, 1n],
      ['r and s exchanged', magnitudeOf(s), magnitudeOf(r)],
      ['r = s = n - 1', order - 1n, order - 1n],
      ['r = p - n', prime - order, 1n],
    ])('refuses %s, which is well formed', (_what, r, s) => {
      expect(accepts(derSignature(r, s))).toBe(false);
    });

    test('refuses every truncation', () => {
      for (const cut of truncations(signature)) expect(accepts(cut)).toBe(false);
    });

    test('verifies a Buffer and a part of a larger buffer', () => {
      const larger = new Uint8Array(signature.length + 10);
      larger.set(signature, 5);
      const part = larger.subarray(5, 5 + signature.length);
      expect(accepts(part, Buffer.from(message))).toBe(true);
      expect(accepts(Buffer.from(signature))).toBe(true);
    });
  });

  test('every bit flip is refused', () => {
    const verifier = native.importVerifier(publicPem, options);
    const domain = { protocol: 'test/1', purpose: 'flip', context: '' };
    const signer = native.importPlainPrivateKey(privateKey, options);
    for (const flipped of bitFlips(signer.sign(domain, message))) {
      expect(verifier.verify(domain, message, flipped)).toBe(false);
    }
  });
});
