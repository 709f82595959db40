/** Words that are cut, because they are too long for the index. */
import { expect, test } from 'vitest';
import { flushed, message, storeWith } from '../support/store.ts';

test('finds a long word whose cut falls into a letter of two units, in a segment and outside of one', async () => {
  const store = storeWith();
  const word = `a${'\u{10330}'.repeat(25)}`;
  store.add('red', [message(1, `before ${word} after`), message(2, 'another')]);
  const seqs = async () => (await store.search({ words: word })).hits.map(({ seq }) => seq);
  expect(await seqs()).toEqual([1]);
  await flushed(store);
  expect(await seqs()).toEqual([1]);
});
