/** The words of texts in several scripts. */
import { wantedWords } from '@chat/message-store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasWords, wordsOf } from '../src/words.ts';

test.each([
  ['Meet me at the CAFÉ!', 'cafe'],
  ['Meet me at the cafe', 'Café'],
  ['the release v2 is out', 'V2 release'],
  ['don’t panic', "don't"],
  ['Straße', 'straße'],
  ['明日の会議は三時です', '会議'],
  ['明日の会議', '議'],
  ['слово за слово', 'СЛОВО'],
  ['the deployment failed', 'deploy*'],
  ['ask bob@example.org', 'example'],
])('%s has the words %s', (text, query) => {
  expect(wantedWords(query)).not.toEqual([]);
  expect(hasWords(text, wantedWords(query))).toBe(true);
});

test.each([
  ['the deployment failed', 'deploy'],
  ['the deployment failed', 'deployment worked'],
  ['明日の会議', '議会'],
])('%s does not have the words %s', (text, query) => {
  expect(hasWords(text, wantedWords(query))).toBe(false);
});

test('a text without letters and digits has no words', () => {
  expect(wantedWords(' *?! … ')).toEqual([]);
});

test('a long word is cut between two letters, whatever they are', () => {
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.string({ unit: fc.constantFrom('a', '\u{10330}', '\u{10428}', 'é'), minLength: 41 }),
      (shift, text) => {
        const words = [...wordsOf('x'.repeat(shift) + text)];
        expect(words.filter((word) => !word.isWellFormed() || word.length > 40)).toEqual([]);
      },
    ),
  );
});
