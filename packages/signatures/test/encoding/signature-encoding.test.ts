/** DER and P1363: each converts to the other without loss, and neither is accepted in place of the other. */
import { sign as nodeSign, verify as nodeVerify } from 'node:crypto';
import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodePem } from '../../src/encoding/pem.ts';
import { encodeSpki } from '../../src/encoding/spki.ts';
import type { SignatureEncoding } from '../../src/index.ts';
import { curves } from '../support/curves.ts';
import { credulous, engines, native, pairings } from '../support/engine.ts';
import { bytes, cheap, derSignature, iv, outcomeOf, toBytes } from '../support/inputs.ts';

const domain = { protocol: 'test/1', purpose: 'encoding', context: '' };
const data = bytes('data');

test('some bytes are sound in both encodings with different numbers, so an encoding cannot be guessed', () => {
  const both = derSignature(2n ** 352n, 2n ** 352n);
  expect(both).toHaveLength(96);
  expect(native.derToP1363(both)).not.toEqual(both);
  expect(native.derToP1363(native.p1363ToDer(both))).toEqual(both);
});

test('without options the encodings are those of P-384', () => {
  const der = derSignature(2n ** 300n, 2n ** 383n);
  const p1363 = Uint8Array.of(...toBytes(2n ** 300n), ...toBytes(2n ** 383n));
  expect([native.derToP1363(der), native.p1363ToDer(p1363)]).toEqual([p1363, der]);
  expect([native.isLowS(der), native.isLowS(p1363, 'p1363')]).toEqual([false, false]);
  expect(native.derToP1363(native.toLowS(der))).toEqual(native.toLowS(p1363, 'p1363'));
});

describe.each(curves)('$name', (curve) => {
  const { options, order, scalarBytes, other } = curve;
  const bits = BigInt(8 * scalarBytes);
  const scalar = fc.oneof(
    fc.bigInt({ min: 1n, max: order - 1n }),
    fc.bigInt({ min: 1n, max: 2n ** 16n }),
    fc.constantFrom(1n, 0x7fn, 0x80n, 2n ** (bits - 8n), 2n ** (bits - 1n) - 1n, 2n ** (bits - 1n), order - 1n),
  );
  const p1363 = (r: bigint, s: bigint) => Uint8Array.of(...toBytes(r, scalarBytes), ...toBytes(s, scalarBytes));
  const otherBytes = { 'P-384': 96, 'P-256': 64 }[other];

  const malformed: [string, Uint8Array][] = [
    ['nothing', Uint8Array.of()],
    ['one byte less', p1363(1n, 1n).subarray(1)],
    ['one byte more', Uint8Array.of(0, ...p1363(1n, 1n))],
    ['the size of the other curve', new Uint8Array(otherBytes).fill(1)],
    ['r = 0', p1363(0n, 1n)],
    ['s = 0', p1363(1n, 0n)],
    ['r = n', p1363(order, 1n)],
    ['s = n', p1363(1n, order)],
    ['r of one bits only', p1363(2n ** bits - 1n, 1n)],
    ['DER', derSignature(1n, 1n)],
    ['a string', 'x'.repeat(2 * scalarBytes) as unknown as Uint8Array],
    ['null', null as unknown as Uint8Array],
  ];

  describe('conversion', () => {
    test('is lossless in both directions for every r and s in range', () => {
      fc.assert(
        fc.property(scalar, scalar, (r, s) => {
          expect(native.derToP1363(derSignature(r, s), options)).toEqual(p1363(r, s));
          expect(native.p1363ToDer(p1363(r, s), options)).toEqual(derSignature(r, s));
        }),
      );
    });

    test.each(malformed)('p1363ToDer refuses %s', (_what, bad) => {
      expect(thrownCode(() => native.p1363ToDer(bad, options))).toBe('malformed-signature');
    });

    test.each([
      ['P1363', p1363(1n, 1n)],
      ['bytes after the end', Uint8Array.of(...derSignature(1n, 1n), 0)],
      ['a superfluous zero', Uint8Array.of(0x30, 7, 2, 2, 0, 1, 2, 1, 1)],
      ['r = n', derSignature(order, 1n)],
      ['s = 0', derSignature(1n, 0n)],
      ['null', null as unknown as Uint8Array],
    ])('derToP1363 refuses %s', (_what, bad) => {
      expect(thrownCode(() => native.derToP1363(bad, options))).toBe('malformed-signature');
    });
  });

  describe('low s', () => {
    const half = (order - 1n) / 2n;
    const nearHalf = fc.oneof(scalar, fc.constantFrom(half - 1n, half, half + 1n, half + 2n));

    test('is s up to (n - 1) / 2, in both encodings', () => {
      fc.assert(
        fc.property(scalar, nearHalf, (r, s) => {
          expect(native.isLowS(derSignature(r, s), 'der', options)).toBe(s <= half);
          expect(native.isLowS(p1363(r, s), 'p1363', options)).toBe(s <= half);
        }),
      );
    });

    test('results from toLowS, which replaces a high s by n - s', () => {
      fc.assert(
        fc.property(scalar, nearHalf, (r, s) => {
          const low = s <= half ? s : order - s;
          expect(native.toLowS(derSignature(r, s), 'der', options)).toEqual(derSignature(r, low));
          expect(native.toLowS(p1363(r, s), 'p1363', options)).toEqual(p1363(r, low));
        }),
      );
    });

    test.each(malformed)('is not in: %s', (_what, bad) => {
      expect(native.isLowS(bad, 'p1363', options)).toBe(false);
      expect(thrownCode(() => native.toLowS(bad, 'p1363', options))).toBe('malformed-signature');
    });
  });

  describe.each(pairings)('%s', (_name, maker, checker) => {
    test.each<[SignatureEncoding, SignatureEncoding]>([
      ['der', 'p1363'],
      ['p1363', 'der'],
    ])('a signature in %s is verified as such and not as %s', (encoding, another) => {
      const signer = maker.generateSigner(options);
      const verifier = checker.importVerifier(signer.publicKey, options);
      const signature = signer.sign(domain, data, encoding);
      expect(verifier.verify(domain, data, signature, encoding)).toBe(true);
      expect(verifier.verify(domain, data, signature, another)).toBe(false);
      expect(verifier.verify(domain, bytes('other'), signature, encoding)).toBe(false);
      expect(verifier.verify(domain, data, signature)).toBe(encoding === 'der');
    });
  });

  describe.each(engines)('%s', (_name, engine) => {
    const pair = engine.backend.generateKeyPair(curve.parameters);
    const privatePem = engine.lockKeyPairWith(pair, 'p', { derivation: cheap, iv });
    const publicPem = encodePem('PUBLIC KEY', encodeSpki(pair));

    test('the plain functions and Node verify each other’s signatures in P1363', () => {
      const signature = engine.createSignature(privatePem, data, 'p', 'p1363', options);
      expect(signature).toHaveLength(2 * scalarBytes);
      expect(nodeVerify('sha256', data, { key: publicPem, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
      expect(engine.verifySignature(publicPem, signature, data, 'p1363', options)).toBe(true);
      expect(engine.verifySignature(publicPem, signature, data, 'der', options)).toBe(false);
      const plain = engine.exportPlainPrivateKey(privatePem, 'p', 'pem', options);
      const theirs = nodeSign('sha256', data, { key: plain, dsaEncoding: 'ieee-p1363' });
      expect(engine.verifySignature(publicPem, theirs, data, 'p1363', options)).toBe(true);
    });

    test('another encoding is refused before anything is signed', () => {
      const signer = engine.generateSigner(options);
      const verifier = engine.importVerifier(publicPem, options);
      for (const name of ['DER', 'toString', '', undefined as unknown as string, null as unknown as string]) {
        const encoding = name as SignatureEncoding;
        const expected = name === undefined ? 'none' : 'invalid-argument';
        expect(outcomeOf(() => signer.sign(domain, data, encoding))).toBe(expected);
        expect(outcomeOf(() => verifier.verify(domain, data, data, encoding))).toBe(expected);
        expect(outcomeOf(() => engine.createSignature(privatePem, data, 'p', encoding, options))).toBe(expected);
        expect(outcomeOf(() => engine.verifySignature(publicPem, data, data, encoding, options))).toBe(expected);
      }
    });
  });

  describe('an engine that accepts every signature', () => {
    const { publicKey } = native.generateSigner(options);
    const verifier = credulous.importVerifier(publicKey, options);

    test('receives sound signatures', () => {
      expect(verifier.verify(domain, data, p1363(1n, order - 1n), 'p1363')).toBe(true);
    });

    test.each(malformed)('does not receive: %s', (_what, bad) => {
      expect(verifier.verify(domain, data, bad, 'p1363')).toBe(false);
    });
  });
});
