/** Domain separation: the encoding is injective, and a signature is valid in its own domain only. */

import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Domain, domainSeparated, generateSigner, importVerifier } from '../../src/index.ts';
import { bytes } from '../support/inputs.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const domains: fc.Arbitrary<Domain> = fc.record({
  protocol: name,
  purpose: name,
  context: fc.string({ unit: 'grapheme', maxLength: 8 }),
});
const data = fc.uint8Array({ maxLength: 24 });

const signer = generateSigner();
const verifier = importVerifier(signer.publicKey);

/** Several ways to cut one string into the fields of a domain, which separators or plain joining would confuse. */
const cuts = fc
  .tuple(
    fc.string({ unit: 'binary-ascii', minLength: 4, maxLength: 10 }),
    fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
  )
  .map(([text, points]): [Domain, Uint8Array][] => {
    const cut = (a: number, b: number): [Domain, Uint8Array] => {
      const first = 1 + (a % (text.length - 2));
      const second = first + 1 + (b % (text.length - first - 1));
      const [protocol, purpose, context] = [text.slice(0, first), text.slice(first, second), text.slice(second)];
      return [{ protocol, purpose, context }, bytes('')];
    };
    const [a = 0, b = 0, c = 0, d = 0] = points;
    const [left, right] = [cut(a, b), cut(c, d)];
    return [left, right, [{ ...left[0], context: '' }, bytes(left[0].context)]];
  });

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

describe('domainSeparated', () => {
  test('is the documented encoding', () => {
    const made = domainSeparated({ protocol: 'p', purpose: 'ü', context: '' }, Uint8Array.of(1, 2));
    const expected = [
      ...bytes('@chat/signatures domain sig. v1\n'),
      0,
      0,
      0,
      1,
      0x70,
      0,
      0,
      0,
      2,
      0xc3,
      0xbc,
      0,
      0,
      0,
      0,
      1,
      2,
    ];
    expect([...made]).toEqual(expected);
  });

  test('never gives the same bytes for two ways to cut the same text', () => {
    fc.assert(
      fc.property(cuts, (variants) => {
        for (const left of variants) {
          for (const right of variants) {
            const [one, other] = [domainSeparated(...left), domainSeparated(...right)];
            expect(Buffer.compare(one, other) === 0).toBe(same(left, right));
          }
        }
      }),
    );
  });

  test('can be decoded without loss', () => {
    fc.assert(
      fc.property(domains, data, (domain, body) => {
        const encoded = domainSeparated(domain, body);
        const view = new DataView(encoded.buffer, encoded.byteOffset);
        let at = 32;
        const field = () => {
          const length = view.getUint32(at);
          at += 4 + length;
          return new TextDecoder('utf-8', { ignoreBOM: true }).decode(encoded.subarray(at - length, at));
        };
        expect({ protocol: field(), purpose: field(), context: field() }).toEqual(domain);
        expect(encoded.subarray(at)).toEqual(body);
      }),
    );
  });

  test.each([
    { protocol: '', purpose: 'p', context: '' },
    { protocol: 'p', purpose: '', context: '' },
    { protocol: 'p', purpose: 'p', context: '\udc00' },
    { protocol: 'p', purpose: 'p' } as Domain,
  ])('refuses %j', (domain) => {
    expect(thrownCode(() => domainSeparated(domain, Uint8Array.of()))).toBe('invalid-argument');
  });
});

test('a signature made under one domain never verifies under another', () => {
  fc.assert(
    fc.property(domains, domains, data, (one, other, body) => {
      const signature = signer.sign(one, body);
      expect(verifier.verify(one, body, signature)).toBe(true);
      expect(verifier.verify(other, body, signature)).toBe(same(one, other));
    }),
    { numRuns: 60 },
  );
});

test('a signature does not verify if one field differs, or if a field moves into the data', () => {
  fc.assert(
    fc.property(domains, name, data, (domain, more, body) => {
      const signature = signer.sign(domain, body);
      for (const field of ['protocol', 'purpose', 'context'] as const) {
        expect(verifier.verify({ ...domain, [field]: domain[field] + more }, body, signature)).toBe(false);
      }
      const moved = Buffer.concat([bytes(domain.context), body]);
      expect(verifier.verify({ ...domain, context: '' }, moved, signature)).toBe(domain.context === '');
    }),
    { numRuns: 25 },
  );
});
