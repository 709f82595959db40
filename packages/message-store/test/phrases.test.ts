/** Words that follow each other. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasPhrases, hasWords, wantedPhrases, wantedWords } from '../src/words.ts';

const has = (text: string, query: string): boolean =>
  hasWords(text, wantedWords(query)) && hasPhrases(text, wantedPhrases(query));

test.each([
  ['see you tomorrow', '"see you"'],
  ['see you tomorrow', '"See YOU tom*"'],
  ['see — you! tomorrow', '"you tomorrow" see'],
  ['see you tomorrow', '"see you'],
  ['don’t panic', "don't"],
  ['version v2版 is out', 'v2版'],
  ['明日の会議は三時です', '"会議は三時"'],
  ['会議 tomorrow', '"会議 tomorrow"'],
  ['one foo-bar-foobar', 'foo-bar-foo*'],
])('%s has %s', (text, query) => {
  expect(has(text, query)).toBe(true);
});

test.each([
  ['tomorrow see you', '"you tomorrow"'],
  ['see you tomorrow', '"see tomorrow"'],
  ['see you tomorrow', '"see you tom"'],
  ['t. don said', "don't"],
  ['京都と東京', '東京都'],
  ['会議室 tomorrow', '"会議 tomorrow"'],
])('%s does not have %s', (text, query) => {
  expect(has(text, query)).toBe(false);
});

test('words alone have to be in no order', () => {
  expect(wantedPhrases('see you "tomorrow" 会議 議')).toEqual([]);
});

test('in a script without spaces, what is looked for is found where it stands, and nowhere else', () => {
  const run = (maxLength: number) =>
    fc.array(fc.constantFrom('東', '京', '都', '市'), { minLength: 1, maxLength }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(run(12), run(5), (text, query) => {
      expect(has(`there: ${text}.`, query)).toBe(text.includes(query));
    }),
    { numRuns: 500 },
  );
});
