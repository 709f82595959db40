/** Adding and reading: messages that come twice, pages that are filled up, and what a search has to read. */
import { createMemoryFiles } from '@chat/message-store';
import { afterEach, expect, test, vi } from 'vitest';
import { flushed, message, messages, seqsOf, storeWith } from '../support/store.ts';

const dayMs = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.restoreAllMocks();
});

test('has a message once, however often its log is read, also after a restart', async () => {
  const files = createMemoryFiles();
  const store = storeWith({ files });
  store.add('red', messages(1, 5));
  store.add('red', messages(4, 7));
  await flushed(store);
  store.add('red', messages(2, 8));
  store.add('blue', messages(1, 2));
  const again = storeWith({ files, stored: JSON.parse(JSON.stringify(store.stored)) });
  again.add('red', messages(6, 9));
  for (const write of [false, true]) {
    if (write) await flushed(again);
    expect(seqsOf(await again.page('red'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seqsOf(await again.page('red', { after: 2, limit: 5 }))).toEqual([3, 4, 5, 6, 7]);
    expect(seqsOf(await again.page('red', { before: 8, limit: 3 }))).toEqual([5, 6, 7]);
    expect(seqsOf(await again.page('blue'))).toEqual([1, 2]);
    expect((await again.search({ words: 'message', rooms: ['red'] })).hits).toHaveLength(9);
  }
  expect(again.stored.segments.map(({ count }) => count)).toEqual([7, 10]);
});

test('writes a message once when it merges segments that have it', async () => {
  const store = storeWith();
  for (let round = 0; round < 8; round += 1) {
    store.add('red', messages(round * 5 + 1, round * 5 + 10));
    await flushed(store);
  }
  await store.tend();
  expect(store.stored.segments.map(({ count }) => count)).toEqual([45]);
  expect(seqsOf(await store.page('red'))).toEqual(seqsOf(messages(1, 45)));
});

test('keeps two messages of one position, of a log that was continued otherwise after a restore of the server', async () => {
  const store = storeWith();
  store.add('red', messages(1, 6));
  await flushed(store);
  store.add(
    'red',
    messages(4, 8, (seq) => `other ${seq}`).map((each) => ({ ...each, at: each.at + 1 })),
  );
  for (const write of [false, true]) {
    if (write) await flushed(store);
    expect(seqsOf(await store.page('red'))).toEqual([1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 8]);
    expect((await store.search({ words: 'other' })).hits).toHaveLength(5);
    expect((await store.search({ words: 'message' })).hits).toHaveLength(6);
  }
});

test('takes the positions of a room anew after it was erased', async () => {
  const store = storeWith();
  store.setRetention({ days: 1 }, 'red');
  for (const room of ['red', 'blue']) {
    store.add(room, messages(1, 5));
    store.erase(room);
    store.add(room, messages(2, 3));
    expect(seqsOf(await store.page(room))).toEqual([2, 3]);
  }
});

test('fills a page with what is kept, past what is to be erased', async () => {
  let now = 100 * dayMs;
  const store = storeWith({ now: () => now });
  store.add('red', messages(1, 100));
  now += 40 * dayMs;
  store.add('red', messages(101, 200));
  await flushed(store);
  store.setRetention({ days: 30 });
  expect(seqsOf(await store.page('red', { after: 0, limit: 20 }))).toEqual(seqsOf(messages(101, 120)));
  expect(seqsOf(await store.page('red', { before: 111, limit: 20 }))).toEqual(seqsOf(messages(101, 110)));
  store.setRetention('nothing');
  expect(await store.page('red', { after: 0 })).toEqual([]);
});

test('decodes a block once for all hits of a search that are in it', async () => {
  const store = storeWith();
  store.add('red', messages(1, 2000));
  await flushed(store);
  const decoding = vi.spyOn(JSON, 'parse');
  expect((await store.search({ words: 'message', limit: 1000 })).hits).toHaveLength(1000);
  expect(decoding.mock.calls.length).toBeLessThan(100);
});

test('finds a word that is cut within letters of two units', async () => {
  const store = storeWith();
  // The 40 units of an indexed word end in the middle of a letter.
  const long = `a${'\u{10330}'.repeat(30)}`;
  store.add('red', [message(1, `${long} first`), message(2, `a${'\u{10331}'.repeat(30)} second`), message(3, 'third')]);
  await flushed(store);
  expect((await store.search({ words: long })).hits.map(({ seq }) => seq)).toEqual([1]);
  expect((await store.search({ words: `${long.slice(0, 21)}*` })).hits.map(({ seq }) => seq)).toEqual([1]);
  for (const [words, seq] of [
    ['first', 1],
    ['second', 2],
    ['third', 3],
  ] as const) {
    expect((await store.search({ words })).hits.map((hit) => hit.seq)).toEqual([seq]);
  }
});
