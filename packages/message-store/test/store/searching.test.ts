/** Searches that need more than the index: phrases, and hits in a file that is damaged. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageStore } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { flushed, message, messages, seqsOf, storeWith } from '../support/store.ts';

/** Returns the positions of all hits, of pages of `limit`. */
async function allHits(store: MessageStore, words: string, limit: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let after: Awaited<ReturnType<MessageStore['search']>>['next'] = null; ; ) {
    const { hits, next } = await store.search({ words, limit, after: after ?? undefined });
    found.push(...seqsOf(hits));
    if (next === null) return found;
    expect(hits).toHaveLength(limit);
    after = next;
  }
}

test('finds words that follow each other, in a segment and outside of one', async () => {
  const store = storeWith();
  store.add('red', [
    message(1, 'see you tomorrow at noon'),
    message(2, 'tomorrow I see what you mean'),
    message(3, 'the address is 10.0.0.1'),
    message(4, '1 of 10, and 0 of 0'),
    message(5, '東京都の天気'),
    message(6, '京都と東京'),
  ]);
  const found = async (words: string) => seqsOf((await store.search({ words })).hits);
  for (const write of [false, true]) {
    if (write) await flushed(store);
    expect(await found('see you')).toEqual([2, 1]);
    expect(await found('"see you"')).toEqual([1]);
    expect(await found('noon "YOU tom*"')).toEqual([1]);
    expect(await found('"you see"')).toEqual([]);
    expect(await found('10.0.0.1')).toEqual([3]);
    expect(await found('東京都')).toEqual([5]);
    expect(await found('東京')).toEqual([6, 5]);
  }
});

test('goes through all messages that have the words, page by page, to those that have the phrase', async () => {
  const store = storeWith();
  const text = (seq: number) => (seq % 500 === 0 ? 'green apple' : 'apple green');
  for (let first = 1; first <= 3000; first += 1000) {
    store.add('red', messages(first, first + 999, text));
    await flushed(store);
  }
  for (const limit of [1, 2, 6, 7]) {
    expect(await allHits(store, '"green apple"', limit)).toEqual([3000, 2500, 2000, 1500, 1000, 500]);
  }
});

test('goes on after hits that it cannot read', async () => {
  const { path } = temporaryFolder();
  const files = openSegmentFolder(path);
  const before = storeWith({ files });
  before.add('red', messages(1, 5));
  await flushed(before);
  before.add('red', messages(6, 20));
  await flushed(before);
  // The first block of the file has messages, and none of the index.
  const file = join(path, before.stored.segments[1]?.file ?? '');
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
  await writeFile(file, bytes);
  let reports = 0;
  const damaged = () => {
    reports += 1;
  };
  const store = storeWith({ files, stored: before.stored, damaged });
  expect(await allHits(store, 'message', 2)).toEqual([5, 4, 3, 2, 1]);
  expect(reports).toBe(1);
});
