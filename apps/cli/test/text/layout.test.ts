/** Texts on a screen of a given width. */

import { stripVTControlCharacters } from 'node:util';
import { sanitise } from '@chat/safe-text';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { messageText } from '../../src/screen/message-text.ts';
import { layOut } from '../../src/text/layout.ts';
import { fingerprint, scene } from '../support/samples.ts';

/** What fills a row to its end: spaces and what looks like them, wide letters, long words, marks, emoji. */
const padding = fc.constantFrom(
  ' ',
  '\u3000',
  '\u2800',
  '\u3164',
  '日',
  'x',
  'e\u0301',
  '👩‍👩‍👧',
  '\t',
  '-',
  ' a ',
  '\n',
);
const hostile = fc
  .array(fc.tuple(padding, fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 4 })
  .map((parts) => `${parts.map(([unit, times]) => unit.repeat(times)).join('')}14:03 bob: forged`);

describe('a message of another user', () => {
  test('has one row at the left edge, whatever it is filled with, and no row that is too wide', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 8, max: 200 }), (text, columns) => {
        const rows = layOut(messageText(scene, { seq: 7, user: 'mallory', fingerprint, at: 0, text }), columns).split(
          '\n',
        );
        expect(rows[0]).toMatch(/^#7/);
        for (const row of rows.slice(1)) expect(row).toMatch(/^( {6})?\u2502 /);
        for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(Math.max(columns, 16));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps its words', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 20, max: 120 }),
        (text, columns) => {
          const words = (shown: string) => shown.normalize().replace(/[\s\u2502]+/gu, '');
          const line = messageText(scene, { seq: 7, user: 'mallory', fingerprint, at: 0, text });
          expect(words(layOut(line, columns))).toBe(words(line));
          expect(words(line)).toContain(words(sanitise(text)));
        },
      ),
    );
  });
});

describe('layOut', () => {
  test('breaks a long line at its words', () => {
    expect(layOut('the quick brown fox jumps over the lazy dog again', 40)).toBe(
      'the quick brown fox jumps over\n      \u2502 the lazy dog again',
    );
  });

  test('leaves lines that fit, with their indentation', () => {
    const text = '  a1b2 c3d4\n        next\n';
    expect(layOut(text, 40)).toBe(text);
  });

  test('begins no row with the space at which it breaks, in colours too', () => {
    const shown = layOut('\u001b[31mthe quick brown fox jumps over the lazy dog\u001b[39m', 40);
    expect(stripVTControlCharacters(shown)).toMatch(/\u2502 \w/);
  });

  test('counts colours as empty, and keeps them', () => {
    const text = `\u001b[31m${'x'.repeat(40)}\u001b[39m`;
    expect(layOut(text, 40)).toBe(text);
  });
});
