/** Text from others on a terminal. */

import { escapeUnsafe, safeJson, sanitise, sanitiseLine } from '@chat/safe-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const fillers = [0xad, 0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e, 0x200b, 0x2060, 0x3164, 0xfeff, 0xffa0];

/** Decides by lists of code points, independently of the code under test. */
function isUnsafe(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a || code === 0x09) return false;
  const isTagOrSelector = code >= 0xe0000 && code <= 0xe0fff;
  return isTagOrSelector || fillers.includes(code) || /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(character);
}

const unsafeCharacters = [...Array(0x110000).keys()]
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter(isUnsafe);

const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...unsafeCharacters),
    fc.constantFrom(...'[]0;m\\ab\n\t'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  ),
});
const plain = fc.string({ unit: 'grapheme-ascii' });

describe('sanitise', () => {
  test('leaves nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect([...sanitise(text)].filter(isUnsafe)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('removes each of many unsafe characters', () => {
    expect(unsafeCharacters.length).toBeGreaterThan(190);
    for (const character of unsafeCharacters) expect(sanitise(`a${character}`)).toBe('a');
  });

  test('is idempotent', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(sanitise(sanitise(text))).toBe(sanitise(text));
      }),
    );
  });

  test('keeps harmless text unchanged', () => {
    fc.assert(
      fc.property(plain, (text) => {
        expect(sanitise(text)).toBe(text);
      }),
    );
    const words = 'naïve 日本語 עברית العربية हिन्दी ภาษาไทย 👩‍👩‍👧 ❤️‍🔥 می\u200cخواهم e\u0301\n\tend';
    expect(sanitise(words)).toBe(words);
  });

  test.each([
    ['a colour', '\u001b[31m'],
    ['a colour in C1', '\u009b31m'],
    ['the screen cleared', '\u001b[2J'],
    ['a private mode', '\u001b[?1049h'],
    ['the clipboard written (OSC 52)', '\u001b]52;c;c2VjcmV0\u0007'],
    ['the clipboard written, ended by ST', '\u001b]52;c;c2VjcmV0\u001b\\'],
    ['the clipboard written, in C1', '\u009d52;c;c2VjcmV0\u009c'],
    ['a link opened (OSC 8)', '\u001b]8;;http://evil.example\u0007'],
    ['a title', '\u001b]0;root\u0007'],
    ['a device control string', '\u001bP+q544e\u001b\\'],
    ['a privacy message', '\u001b^hidden\u001b\\'],
    ['a reset', '\u001bc'],
    ['a character set', '\u001b(0'],
  ])('removes %s completely', (_, sequence) => {
    fc.assert(
      fc.property(plain, plain, (before, after) => {
        expect(sanitise(`${before}${sequence}${after}`)).toBe(before + after);
      }),
      { numRuns: 30 },
    );
  });

  test('keeps two lone surrogates apart when it removes what is between them', () => {
    // Together they are U+E0041, an invisible tag.
    const text = sanitise('a\udb40\u0000\udc41b');
    expect(text).toBe('a\ufffd\ufffdb');
    expect(sanitise('\ud83d\u0007\ude00')).not.toContain('\u{1f600}');
  });

  test('cuts a flood of combining marks', () => {
    expect(sanitise(`a${'\u0301'.repeat(500)}b`)).toBe(`a${'\u0301'.repeat(6)}b`);
    expect(sanitise(`a${'\u0301\u200d'.repeat(500)}b`).length).toBeLessThanOrEqual(8);
  });

  test('shows an empty braille pattern as a space', () => {
    expect(sanitise('a\u2800\u2800b')).toBe('a  b');
  });

  test('keeps the words after a string sequence without an end', () => {
    expect(sanitise('a\u001b]52;c;words')).toContain('words');
  });

  test('takes linear time for openings without an end', () => {
    for (const opening of ['\u009d', '\u001b]', '\u001bP', '\u001b[', '\u001b[0']) {
      expect(sanitise(opening.repeat(100_000)).length).toBeLessThanOrEqual(100_000);
    }
  });
});

describe('sanitiseLine', () => {
  test('makes one line of bounded length', () => {
    expect(sanitiseLine('a\nb\t c\u001b[0m')).toBe('a b c');
    expect(sanitiseLine('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)}...`);
  });
});

describe('escapeUnsafe', () => {
  test('changes a JSON text and not its value', () => {
    const json = JSON.stringify({ name: 'a\u202e\u3164\u{e0041}b' });
    expect(escapeUnsafe(json)).toBe('{"name":"a\\u202e\\u3164\\udb40\\udc41b"}');
    expect(JSON.parse(escapeUnsafe(json))).toEqual(JSON.parse(json));
  });
});

describe('safeJson', () => {
  test('loses nothing and contains nothing unsafe', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const json = safeJson({ text });
        expect(JSON.parse(json)).toEqual({ text });
        expect([...json].filter(isUnsafe)).toEqual([]);
        expect(json).not.toContain('\n');
      }),
    );
  });
});
