/** base64url in both backends: what it writes, and that it reads nothing else. */
import { onlyInFullRun } from '@chat/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64url } from './forge.ts';
import { backends } from './libraries.ts';

const { native, portable } = backends;

/** What both say of a text, which must be the same. */
function read(text: string): Uint8Array | null {
  const [bytes, expected] = [native.decodeBase64url(text), portable.decodeBase64url(text)];
  const same = bytes && expected ? Buffer.compare(bytes, expected) === 0 : bytes === expected;
  if (!same) expect.fail(`the backends differ on ${JSON.stringify(text)}`);
  return bytes;
}

const replaced = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1);

/** Texts of every kind of ending, with each of their characters replaced by each of these. */
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
  test('writes RFC 4648, and reads it back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = base64url(bytes);
        expect(backend.encodeBase64url(bytes)).toBe(text);
        const decoded = backend.decodeBase64url(text);
        expect(decoded && Buffer.compare(decoded, bytes)).toBe(0);
      }),
    );
  });

  test('reads only what it would write', () => {
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

test('both backends say the same of every text that was changed', () => {
  const anyBytes = fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    // long enough for memory of its own in Node, where short ones share some
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

test('every character up to U+01FF in every place', () => everyReplacement(0x200));

onlyInFullRun('every UTF-16 code unit in every place of a text')('at length', () => {
  test('every code unit', () => everyReplacement(0x10000));
});
