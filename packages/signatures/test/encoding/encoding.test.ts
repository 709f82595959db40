/** The encodings of keys: base64, PEM and DER, each with exactly one form of a value. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../src/encoding/base64.ts';
import { DerError, DerReader, element, number, octetString, tag, unsigned } from '../../src/encoding/der.ts';
import { decodePem, encodePem, isOtherKeyForm } from '../../src/encoding/pem.ts';

describe('base64', () => {
  test('equals the encoding of Buffer, and decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encodeBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(decodeBase64(text)).toEqual(bytes);
      }),
    );
  });

  test('accepts exactly one text of the same bytes', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'AQgwZ0+/=-_ \n'), maxLength: 8 });
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = decodeBase64(text);
        expect(bytes === null || encodeBase64(bytes) === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['A', 'AA', 'AAA', 'AB==', 'AAB=', '====', 'AA=A', 'A===', 'AAA-', 'AA A', 'AAA=AAAA', 'ÀAAA'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64(text)).toBeNull();
    },
  );
});

test('PEM of any length decodes to the same bytes, and has lines of at most 64 characters', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      const pem = encodePem('PUBLIC KEY', bytes);
      expect(decodePem('PUBLIC KEY', pem)).toEqual(bytes);
      expect(Math.max(...pem.split('\n').map((line) => line.length))).toBeLessThanOrEqual(64);
      expect(pem).not.toContain('\n\n');
    }),
  );
});

describe('DER', () => {
  test.each([0, 1, 127, 128, 255, 256, 65_535])('reads a content of %i bytes', (length) => {
    const reader = new DerReader(octetString(new Uint8Array(length)));
    expect(reader.content(tag.octetString)).toHaveLength(length);
    reader.end();
  });

  test('refuses to encode a longer content', () => {
    expect(() => octetString(new Uint8Array(65_536))).toThrow(RangeError);
  });

  test('encodes integers in their shortest form', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }), (value) => {
        expect(new DerReader(number(value)).number()).toBe(value);
        expect(number(value)).toEqual(unsigned(new DerReader(number(value)).unsigned()));
      }),
    );
    expect([...number(0)]).toEqual([2, 1, 0]);
    expect([...number(128)]).toEqual([2, 2, 0, 128]);
  });

  test.each([
    ['cut off', [4]],
    ['longer than the content', [4, 2, 0]],
    ['in long form below 128', [4, 0x81, 1, 0]],
    ['in long form with a leading zero', [4, 0x82, 0, 1, 0]],
    ['indefinite', [4, 0x80, 0, 0]],
    ['of three bytes', [4, 0x83, 0, 0, 1, 0]],
  ])('refuses a length that is %s', (_name, bytes) => {
    expect(() => new DerReader(Uint8Array.from(bytes)).content(tag.octetString)).toThrow(DerError);
  });

  test('requires the tag and the end', () => {
    expect(() => new DerReader(number(1)).content(tag.octetString)).toThrow(DerError);
    expect(() => new DerReader(element(tag.null)).end()).toThrow(DerError);
  });
});

test('a PEM of 16,384 characters is read, and nothing behind them', () => {
  const most = 16_384;
  const pem = encodePem('PUBLIC KEY', Uint8Array.of(1, 2, 3));
  expect(decodePem('PUBLIC KEY', pem.padEnd(most, '\n'))).toEqual(Uint8Array.of(1, 2, 3));
  expect(decodePem('PUBLIC KEY', pem.padEnd(most + 1, '\n'))).toBeNull();
  const other = '-----BEGIN EC PRIVATE KEY-----';
  expect([isOtherKeyForm(other.padStart(most)), isOtherKeyForm(other.padStart(most + 1))]).toEqual([true, false]);
});
