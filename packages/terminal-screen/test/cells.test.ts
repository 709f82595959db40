/** Texts as cells. */
import { cellsOf, graphemesOf, widthOf } from '@chat/terminal-screen';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const textOf = (text: string, columns: number): string =>
  cellsOf(text, columns)
    .map((cell) => cell.text)
    .join('');

test('a text has as many cells as were asked for, whatever it contains', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(20), (text, columns) => {
      const cells = cellsOf(text, columns);
      expect(cells).toHaveLength(columns);
      // No cell has a control character, so none of them makes the terminal do something.
      for (const cell of cells) expect(cell.text).not.toMatch(/\p{Cc}/u);
    }),
  );
});

test('a text is cut between graphemes, and a wide letter is never halved', () => {
  expect(textOf('世界', 3)).toBe('世 ');
  expect(textOf('👩‍👩‍👧!', 2)).toBe('👩‍👩‍👧');
  expect(textOf('👩‍👩‍👧!', 1)).toBe(' ');
  expect(textOf('e\u0301e\u0301', 1)).toBe('e\u0301');
});

test('control sequences for the style take no cells and go on to the end of the row; others are no sequences', () => {
  const cells = cellsOf('a\u001b[1;31mb\u001b[22mc\u001b[39;7md', 6);
  expect(cells.map(({ style }) => style)).toEqual(['', '1;31', '31', '7', '7', '7']);
  expect(textOf('\u001b]0;title\u0007x\u001b[2J', 20)).toBe(`]0;titlex[2J${' '.repeat(8)}`);
});

test('graphemes join to the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(graphemesOf(text).join('')).toBe(text);
    }),
  );
  expect(graphemesOf('a👩‍👩‍👧e\u0301')).toEqual(['a', '👩‍👩‍👧', 'e\u0301']);
  expect(widthOf('👩‍👩‍👧')).toBe(2);
});
