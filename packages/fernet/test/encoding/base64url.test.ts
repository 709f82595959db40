/** base64url in both backends: encoding, and strict decoding. */
import { onlyInFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url } from '../support/forge.ts';
import { backends } from '../support/libraries.ts';

const { native, portable } = backends;

/** Decodes a text with both backends, whose results must be equal. */
function read(text: string): Uint8Array | null {
  const [bytes, expected] = [native.decodeBase64url(text), portable.decodeBase64url(text)];
  const same = bytes && expected ? Buffer.compare(bytes, expected) === 0 : bytes === expected;
  if (!same) expect.fail(`the backends differ on ${JSON.stringify(text)}`);
  return bytes;
}

const replaced = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1);

/** Decodes texts with each kind of padding, with each character replaced by each of the first `codes` characters. */
function everyReplacement(codes: number): void {
  for (const text of ['AAAAAAAA', 'AAAAAAA=', 'AAAAAA==', '_-zZ09a=']) {
    for (let at = 0; at < text.length; at++) {
      for (let code = 0; code < codes; code++) {
        const changed = replaced(text, at, String.fromCharCode(code));
        const bytes = read(changed);
        if (bytes !== null) expect(base64url(bytes)).toBe(changed);
      }
    }
  }
}

describe.each(Object.entries(backends))('%s', (_, backend) => {
  test('encodes as RFC 4648 specifies, and decodes the result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = base64url(bytes);
        expect(backend.encodeBase64url(bytes)).toBe(text);
        const decoded = backend.decodeBase64url(text);
        expect(decoded && Buffer.compare(decoded, bytes)).toBe(0);
      }),
    );
  });

  test('decodes only texts that it encodes', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'AQgw_-+/=9z \nÁ\u0141'), maxLength: 12 });
    fc.assert(
      fc.property(nearly, (text) => {
        const canonical = base64url(Buffer.from(text, 'base64url')) === text;
        expect(backend.decodeBase64url(text) !== null).toBe(canonical);
      }),
      { numRuns: 3000 },
    );
    for (const text of ['A', 'AA', 'AAA', 'AA=', 'AA==AA==', 'AB==', 'AAB=', '=', '==', '====', 'A===', 'AAAA=']) {
      expect(backend.decodeBase64url(text)).toBeNull();
    }
    for (const text of ['', 'AA==', 'AAA=', 'AAAA']) expect(backend.decodeBase64url(text)).not.toBeNull();
  });
});

test('both backends give the same result for every changed text', () => {
  const anyBytes = fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    // Long enough for memory of its own in Node, where short Buffers share memory.
    fc.tuple(fc.integer({ min: 3000, max: 9000 }), fc.nat(255)).map(([length, byte]) => Buffer.alloc(length, byte)),
  );
  const strange = fc.oneof(
    fc.constantFrom(...'+/=\n A', '\u0141', '\u012b'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(anyBytes, fc.array(fc.tuple(fc.nat(), strange), { maxLength: 3 }), (bytes, changes) => {
      const text = base64url(bytes);
      read(changes.reduce((changed, [at, by]) => replaced(changed, at % Math.max(1, text.length), by), text));
    }),
    { numRuns: 2000 },
  );
});

test('both backends give the same result for every character up to U+01FF at every place', () =>
  everyReplacement(0x200));

onlyInFullRun('every UTF-16 code unit in every place of a text')('at length', () => {
  test('both backends give the same result for every code unit', () => everyReplacement(0x10000));
});
