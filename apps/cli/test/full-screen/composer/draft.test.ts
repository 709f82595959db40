/** Edits of what the user types. */
import { graphemesOf } from '@chat/terminal-screen';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cuts,
  type Draft,
  emptyDraft,
  erasures,
  inOtherLine,
  movements,
  textOf,
  withText,
} from '../../../src/full-screen/composer/draft.ts';

const typed = (text: string): Draft => withText(emptyDraft, text);
const family = '👩‍👩‍👧';

describe('a draft', () => {
  test('never has its cursor inside a grapheme, whatever is typed and edited', () => {
    const edit = fc.oneof(
      fc
        .constantFrom(...'ab \n', family, '\u0301', '\u200d', '👧', '🇩', '🇪', '世')
        .map((text) => (draft: Draft) => withText(draft, text)),
      fc.constantFrom(...Object.values(movements), ...Object.values(erasures)),
      fc.constantFrom(...Object.values(cuts)).map((cut) => (draft: Draft) => cut(draft).draft),
      fc.constantFrom(-1 as const, 1 as const).map((by) => (draft: Draft) => inOtherLine(draft, by) ?? draft),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 30 }), (edits) => {
        let draft = emptyDraft;
        for (const each of edits) {
          draft = each(draft);
          const { before, after } = draft;
          expect([...graphemesOf(before), ...graphemesOf(after)]).toEqual(graphemesOf(textOf(draft)));
        }
      }),
    );
  });

  test('moves over wide letters and families of emoji, and erases them, as a whole', () => {
    const draft = typed(`a${family}世`);
    expect(movements.left(movements.left(draft))).toEqual({ before: 'a', after: `${family}世` });
    expect(erasures.backspace(movements.left(draft))).toEqual({ before: 'a', after: '世' });
    expect(erasures.delete(movements.start(draft))).toEqual({ before: '', after: `${family}世` });
  });

  test('moves by words, by lines, and to the ends of its line', () => {
    const draft = typed('one two\nlonger line\nx');
    expect(inOtherLine(draft, 1)).toBeNull();
    const above = inOtherLine(draft, -1);
    expect(above).toEqual({ before: 'one two\nl', after: 'onger line\nx' });
    expect(movements.end(above ?? draft).before).toBe('one two\nlonger line');
    expect(movements['word-right'](above ?? draft).before).toBe('one two\nlonger');
    expect(movements['word-left'](movements.end(above ?? draft)).before).toBe('one two\nlonger ');
  });

  test('gives what was cut, to be put back', () => {
    const draft = typed('one two three');
    expect(cuts['cut-word'](draft)).toEqual({ draft: typed('one two '), text: 'three' });
    expect(cuts['cut-to-start'](draft)).toEqual({ draft: emptyDraft, text: 'one two three' });
    const start = movements.start(typed('a\nb'));
    expect(cuts['cut-to-end']({ before: 'a', after: '\nb' })).toEqual({
      draft: { before: 'a', after: 'b' },
      text: '\n',
    });
    expect(start).toEqual({ before: 'a\n', after: 'b' });
  });
});
