import { thrownCode } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitStringContent, elementAt, requireCanonicalDer } from '../../src/der/canonical-der.ts';
import { createRequest } from '../../src/index.ts';
import { derOf, outcomeOf } from '../support/forge.ts';

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function utcTime(text: string): string {
  return `17 0d ${Buffer.from(text).toString('hex')}`;
}

describe('canonical DER', () => {
  test.each([
    ['empty sequence', '30 00'],
    ['booleans', '30 06 01 01 ff 01 01 00'],
    ['integers', '30 0b 02 01 00 02 02 00 80 02 02 ff 7f'],
    ['bit strings', '30 07 03 01 00 03 02 07 80'],
    ['sorted set', '31 06 02 01 01 02 01 02'],
    ['object identifier', '06 03 55 04 03'],
    ['long length', `04 81 80 ${'00'.repeat(128)}`],
    ['a time with an offset', '17 11 3233303232383132303030302b30303030'],
    ['a time without seconds', '17 0b 323330323238313230305a'],
    ['numeric, visible, general and universal strings', '30 0f 12 01 31 1a 01 41 1b 01 41 1c 04 00000041'],
    ['leap day', utcTime('240229120000Z')],
  ])('accepts %s', (_, bytes) => {
    expect(outcomeOf(() => requireCanonicalDer(hex(bytes)))).toBe('accepted');
  });

  test.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['an element cut short by its parent', '30 03 02 01'],
    ['an element past its parent', '30 03 02 02 01 01'],
    ['a length cut short', '04 82 01'],
  ])('refuses %s as malformed', (_, bytes) => {
    expect(thrownCode(() => requireCanonicalDer(hex(bytes)))).toBe('malformed');
  });

  test('refuses bytes after the value', () => {
    expect(thrownCode(() => requireCanonicalDer(hex('30 00 00')))).toBe('trailing-bytes');
  });

  test.each([
    ['indefinite length', '30 80 00 00'],
    ['long form for a short length', '04 81 01 00'],
    ['padded length', `04 82 00 80 ${'00'.repeat(128)}`],
    ['boolean neither 00 nor ff', '01 01 01'],
    ['padded integer', '02 02 00 7f'],
    ['padded negative integer', '02 02 ff 80'],
    ['empty integer', '02 00'],
    ['bit string with set padding', '03 02 07 81'],
    ['bit string of eight unused bits', '03 02 08 00'],
    ['constructed octet string', '24 03 04 01 00'],
    ['null with content', '05 01 00'],
    ['padded object identifier', '06 03 80 55 04'],
    ['unfinished object identifier', '06 02 55 84'],
    ['unsorted set', '31 06 02 01 02 02 01 01'],
    ['invalid UTF-8', '0c 01 ff'],
    ['printable string with an at sign', '13 01 40'],
    ['IA5 string with a high bit', '16 01 e9'],
    ['no such day', utcTime('230229120000Z')],
    ['a time without a zone', '17 0c 323330323238313230303030'],
    ['an offset of 25 hours', '17 11 3233303232383132303030302b32353030'],
    ['numeric string with a letter', '12 01 41'],
    ['visible string with a control character', '1a 01 07'],
    ['universal string of three bytes', '1c 03 000041'],
    ['multi-byte tag', 'bf 1f 00'],
    ['unknown universal type', '09 01 00'],
    ['application tag', '60 00'],
  ])('refuses %s', (_, bytes) => {
    expect(thrownCode(() => requireCanonicalDer(hex(bytes)))).toBe('not-canonical');
  });

  test('refuses deep nesting without following it', () => {
    let nested: Buffer = Buffer.of(0x30, 0x00);
    for (let depth = 0; depth < 50; depth++) nested = Buffer.concat([Buffer.of(0x30, nested.length), nested]);
    expect(thrownCode(() => requireCanonicalDer(nested))).toBe('malformed');
  });

  test('accepts or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(['accepted', 'malformed', 'not-canonical', 'trailing-bytes']).toContain(
          outcomeOf(() => requireCanonicalDer(bytes)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('refuses every prefix of a request', () => {
    const der = derOf(createRequest('chat.example').request);
    for (let end = 0; end < der.length; end++) {
      expect(thrownCode(() => requireCanonicalDer(der.subarray(0, end)))).toBe('malformed');
    }
  });
});

test('elementAt returns the bytes of an inner value', () => {
  const nested = hex('30 0a 02 01 05 30 05 04 00 04 01 aa');
  expect(Buffer.from(elementAt(nested, 1, 1)).toString('hex')).toBe('0401aa');
  expect(thrownCode(() => elementAt(nested, 2))).toBe('malformed');
});

test('bitStringContent refuses a bit string that ends within a byte', () => {
  expect(Buffer.from(bitStringContent(hex('03 02 00 04'))).toString('hex')).toBe('04');
  expect(thrownCode(() => bitStringContent(hex('03 02 01 04')))).toBe('malformed');
});
