/** What is erased, and what a retention does not keep, is in no file and in no state. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFiles, type SegmentFiles, type StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { temporaryFolder, thrownCode } from '@chat/testkit';
import { expect, test } from 'vitest';
import { flushed, messages, seqsOf, stored, storeWith } from '../support/store.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Files that remember the plain bytes of those that are there. */
function watchedFiles(): SegmentFiles & { texts(): string } {
  const files = createMemoryFiles();
  const plain = new Map<string, string>();
  return {
    ...files,
    async write(key, blocks) {
      plain.set(key.file, blocks.map((block) => new TextDecoder().decode(block)).join(' '));
      await files.write(key, blocks);
    },
    async removeOthers(isKept) {
      for (const file of plain.keys()) if (!isKept(file)) plain.delete(file);
      await files.removeOthers(isKept);
    },
    texts: () => [...plain.values()].join(' '),
  };
}

test('erases the messages of a room, and leaves those of another one', async () => {
  const files = watchedFiles();
  const store = storeWith({ files });
  store.add(
    'red',
    messages(1, 10, () => 'confidential'),
  );
  store.add(
    'blue',
    messages(1, 10, () => 'harmless'),
  );
  await flushed(store);
  store.erase('red');
  expect(await store.page('red')).toEqual([]);
  expect((await store.search({ words: 'confidential' })).hits).toEqual([]);
  await store.tend();
  await stored(store);
  expect(files.texts()).not.toContain('confidential');
  expect(JSON.stringify(store.stored)).not.toContain('confidential');
  expect(seqsOf(await store.page('blue'))).toHaveLength(10);
});

test('erases what was being written when the room was erased', async () => {
  const files = watchedFiles();
  const store = storeWith({ files });
  store.add(
    'red',
    messages(1, 10, () => 'confidential'),
  );
  const flushing = store.flush();
  store.erase('red');
  await store.tend();
  await flushing;
  await store.tend();
  await stored(store);
  expect(files.texts()).not.toContain('confidential');
});

test('erases in the same run what is erased while it merges, or erases another room', async () => {
  const files = watchedFiles();
  const rooms = ['red', 'blue', 'green'];
  let during = 0;
  let turns = 0;
  const store = storeWith({
    files,
    turn: async () => {
      turns += 1;
      if (turns === during) store.forget('red');
    },
  });
  const texts = (room: string) => (seq: number) => `${room}${seq}.`;
  for (let round = 0; round < 8; round += 1) {
    for (const room of rooms) store.add(room, messages(round * 30 + 1, round * 30 + 30, texts(room)));
    await flushed(store);
  }
  // In the merge, after the erasure of this run.
  during = turns + 3;
  await store.tend();
  await stored(store);
  expect(turns).toBeGreaterThan(during);
  expect([store.isErasureDue, files.texts().includes('red1.')]).toEqual([false, false]);
  // In an erasure.
  store.add('red', messages(1, 64, texts('red')));
  await flushed(store);
  store.forget('green');
  during = turns + 1;
  await store.tend();
  await stored(store);
  expect(turns).toBeGreaterThanOrEqual(during);
  expect([store.isErasureDue, /(red|green)/.test(files.texts())]).toEqual([false, false]);
  expect(await store.page('blue', { limit: 1000 })).toHaveLength(240);
});

test('ends an erasure before the store closes, merges nothing more, and waits no longer than it may', async () => {
  const files = watchedFiles();
  let isStuck = false;
  const store = storeWith({ files, turn: () => (isStuck ? new Promise(() => undefined) : Promise.resolve()) });
  for (let round = 0; round < 8; round += 1) {
    for (const room of ['red', 'blue', 'green']) store.add(room, messages(round * 30 + 1, round * 30 + 30));
    await flushed(store);
  }
  store.forget('red');
  await store.finish(new Promise(() => undefined));
  expect([store.isErasureDue, store.stored.segments.map(({ count }) => count)]).toEqual([false, Array(8).fill(60)]);
  store.forget('blue');
  isStuck = true;
  await store.finish(Promise.resolve());
  expect(store.isErasureDue).toBe(true);
});

test('keeps the messages of a room that is entered again after it was erased', async () => {
  const store = storeWith();
  store.add('red', messages(1, 5));
  await flushed(store);
  store.erase('red');
  store.add('red', messages(2, 3));
  expect(seqsOf(await store.page('red'))).toEqual([2, 3]);
  await store.tend();
  await flushed(store);
  expect(seqsOf(await store.page('red'))).toEqual([2, 3]);
});

test('keeps the messages of some days since they were read, whatever time their authors have written on them', async () => {
  let now = 100 * dayMs;
  const files = watchedFiles();
  const store = storeWith({ files, now: () => now });
  store.setRetention({ days: 30 });
  store.add(
    'red',
    messages(1, 3, () => 'confidential').map((each) => ({ ...each, at: 1e15 })),
  );
  now += 20 * dayMs;
  store.add(
    'red',
    messages(4, 6, () => 'young').map((each) => ({ ...each, at: 0 })),
  );
  await flushed(store);
  await store.tend();
  expect(seqsOf(await store.page('red'))).toEqual([1, 2, 3, 4, 5, 6]);
  now += 11 * dayMs;
  expect(seqsOf(await store.page('red'))).toEqual([4, 5, 6]);
  expect((await store.search({ words: 'confidential' })).hits).toEqual([]);
  await store.tend();
  await stored(store);
  expect(files.texts()).not.toContain('confidential');
});

test('keeps a number of messages of one room, and all of another', async () => {
  const files = watchedFiles();
  const store = storeWith({ files });
  for (const room of ['red', 'blue'])
    store.add(
      room,
      messages(1, 20, (seq) => `${room}${seq}.`),
    );
  await flushed(store);
  store.setRetention({ messages: 5 }, 'red');
  await store.tend();
  await stored(store);
  expect(seqsOf(await store.page('red'))).toEqual([16, 17, 18, 19, 20]);
  expect(await store.page('blue')).toHaveLength(20);
  expect(files.texts()).not.toContain('red15.');
  expect([store.retentionOf('red'), store.retentionOf('blue'), store.hasOwnRetention('blue')]).toEqual([
    { messages: 5 },
    'all',
    false,
  ]);
  store.setRetention(null, 'red');
  expect(store.retentionOf('red')).toBe('all');
});

test('keeps nothing of a room if the user wants that, before and after', async () => {
  const files = watchedFiles();
  const store = storeWith({ files });
  store.add(
    'red',
    messages(1, 5, () => 'confidential'),
  );
  await flushed(store);
  store.setRetention('nothing', 'red');
  store.add(
    'red',
    messages(6, 9, () => 'confidential'),
  );
  await store.tend();
  await stored(store);
  expect(await store.page('red')).toEqual([]);
  expect(files.texts()).not.toContain('confidential');
  expect(JSON.stringify(store.stored)).not.toContain('confidential');
});

test('refuses a retention that there is not', () => {
  const store = storeWith();
  for (const keep of [{ days: 0 }, { messages: 1.5 }, 'some', null]) {
    expect(thrownCode(() => store.setRetention(keep as never))).toBe('invalid-argument');
  }
});

test('has no key of an erased message in what is stored afterwards', async () => {
  const { path } = temporaryFolder();
  const store = storeWith({ files: openSegmentFolder(join(path, 'messages')) });
  store.add('red', messages(1, 5));
  await flushed(store);
  const [before] = store.stored.segments;
  store.forget('red');
  await store.tend();
  const disk: StoredMessages = store.stored;
  await stored(store);
  expect(JSON.stringify(disk)).not.toContain(before?.key);
  expect(await readdir(join(path, 'messages'))).toEqual([]);
});

test('has no text in the files, and none in the names', async () => {
  const { path } = temporaryFolder();
  const store = storeWith({ files: openSegmentFolder(path) });
  store.add(
    'red',
    messages(1, 2000, (seq) => `plaintextword number${seq} said by someone`),
  );
  await flushed(store);
  for (const name of await readdir(path)) {
    const bytes = await readFile(join(path, name));
    for (const part of ['plaintext', 'number1', 'alice', 'said']) expect(bytes.includes(part)).toBe(false);
  }
});
