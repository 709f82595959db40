/** The values of each curve, compared with the numbers from which they follow, and the arithmetic modulo its order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element, objectIdentifier, sequence, tag } from '../../src/encoding/der.ts';
import { ecPublicKeyOid } from '../../src/encoding/pkcs8.ts';
import { isLow, isPublicScalar, isScalar, negate } from '../../src/encoding/scalar.ts';
import { decodeSpki, encodeSpki } from '../../src/encoding/spki.ts';
import { curves, newPair } from '../support/curves.ts';
import { toBytes, toNumber } from '../support/inputs.ts';

/** The content of an OBJECT IDENTIFIER in hexadecimal (X.690, section 8.19). */
function oidOf(dotted: string): string {
  const [first = 0, second = 0, ...more] = dotted.split('.').map(Number);
  const digits = (value: number): number[] =>
    value < 128 ? [value] : [...digits(Math.floor(value / 128)).map((digit) => digit | 128), value % 128];
  return Buffer.from([first * 40 + second, ...more.flatMap(digits)]).toString('hex');
}

const dotted = { 'P-384': '1.3.132.0.34', 'P-256': '1.2.840.10045.3.1.7' };

describe.each(curves)('$name', (curve) => {
  const { name, order, prime, scalarBytes, spkiBytes, parameters } = curve;
  const half = (order - 1n) / 2n;

  test('has the sizes, the order and the object identifier of the standard', () => {
    expect(parameters.name).toBe(name);
    expect([parameters.scalarBytes, parameters.pointBytes]).toEqual([scalarBytes, 2 * scalarBytes + 1]);
    expect([toNumber(parameters.order), toNumber(parameters.highestLow)]).toEqual([order, half]);
    expect([parameters.order.length, parameters.highestLow.length]).toEqual([scalarBytes, scalarBytes]);
    expect(parameters.oid).toBe(oidOf(dotted[name]));
    expect(prime.toString(2)).toHaveLength(8 * scalarBytes);
    // The order is within Hasse's bound of p + 1.
    expect((order - prime - 1n) ** 2n).toBeLessThanOrEqual(4n * prime);
  });

  test('has the SPKI that its parts give', () => {
    const { point } = newPair(curve);
    const algorithm = sequence(objectIdentifier(ecPublicKeyOid), objectIdentifier(oidOf(dotted[name])));
    const spki = sequence(algorithm, element(tag.bitString, Uint8Array.of(0), point));
    expect(encodeSpki({ curve: parameters, point })).toEqual(spki);
    expect(spki).toHaveLength(spkiBytes);
    expect(decodeSpki(spki, parameters)).toEqual(point);
    for (const other of curves) if (other !== curve) expect(decodeSpki(spki, other.parameters)).toBeNull();
  });

  const edges = [0n, 1n, half - 1n, half, half + 1n, order - 1n, order, order + 1n, prime];
  const numbers = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** BigInt(8 * scalarBytes) - 1n }),
    fc.bigInt({ min: 0n, max: 2n ** 40n }),
    fc.constantFrom(...edges),
  );

  test('a scalar is a number from 1 to n - 1, with or without leading zeros, and of no more bytes', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        const whole = toBytes(value, scalarBytes);
        const short = whole.subarray(whole.findIndex((digit) => digit !== 0));
        const expected = value > 0n && value < order;
        for (const magnitude of value === 0n ? [whole, Uint8Array.of()] : [whole, short]) {
          expect(isScalar(magnitude, parameters)).toBe(expected);
          expect(isPublicScalar(magnitude, parameters)).toBe(expected);
        }
        const longer = Uint8Array.of(0, ...whole);
        expect([isScalar(longer, parameters), isPublicScalar(longer, parameters)]).toEqual([false, false]);
      }),
    );
  });

  test('one of s and n - s is low', () => {
    fc.assert(
      fc.property(numbers, (value) => {
        fc.pre(value > 0n && value < order);
        const s = toBytes(value, scalarBytes);
        expect(negate(s, parameters)).toEqual(toBytes(order - value, scalarBytes));
        expect(isLow(s, parameters)).toBe(value <= half);
        expect(isLow(negate(s, parameters), parameters)).toBe(value > half);
      }),
    );
  });
});
