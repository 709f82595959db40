/** Files that are altered, removed, put back, or cannot be written; and crashes at each moment of a save. */
import { copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFiles, type SegmentFiles, type StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { flushed, messages, seqsOf, stored, storeWith } from '../support/store.ts';

/** A store of two segments in a folder. */
async function twoSegments() {
  const { path } = temporaryFolder();
  let reports = 0;
  const files = openSegmentFolder(path);
  const store = storeWith({ files });
  store.add('red', messages(1, 5));
  await flushed(store);
  store.add('red', messages(6, 9));
  await flushed(store);
  const open = (state: StoredMessages = store.stored) =>
    storeWith({
      files,
      stored: state,
      damaged: () => {
        reports += 1;
      },
    });
  return { path, store, open, reports: () => reports };
}

test('leaves out what is in an altered file, reports it once, and has it again when the file is put back', async () => {
  const { path, store, open, reports } = await twoSegments();
  const [first] = store.stored.segments;
  const file = join(path, first?.file ?? '');
  const bytes = await readFile(file);
  await writeFile(file, Buffer.from(bytes).fill(0, 0, 1));
  const altered = open();
  expect(seqsOf(await altered.page('red'))).toEqual([6, 7, 8, 9]);
  expect((await altered.search({ words: 'message' })).hits).toHaveLength(4);
  await altered.tend();
  expect(reports()).toBe(1);
  await writeFile(file, bytes);
  expect(seqsOf(await open().page('red'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('reports a file that was removed, and takes no older file of the store in its place', async () => {
  const { path, store, open, reports } = await twoSegments();
  const [first, second] = store.stored.segments;
  await copyFile(join(path, first?.file ?? ''), join(path, second?.file ?? ''));
  expect(seqsOf(await open().page('red'))).toEqual([1, 2, 3, 4, 5]);
  await rm(join(path, second?.file ?? ''));
  expect(seqsOf(await open().page('red'))).toEqual([1, 2, 3, 4, 5]);
  expect(reports()).toBe(2);
});

test('does not merge or erase what it cannot read', async () => {
  const { path, store, open } = await twoSegments();
  const [first] = store.stored.segments;
  await writeFile(join(path, first?.file ?? ''), 'garbage');
  const altered = open();
  altered.setRetention({ messages: 1 });
  await altered.tend();
  expect(altered.stored.segments.map(({ file }) => file)).toContain(first?.file);
});

test('keeps what a full disk does not take, and writes it later', async () => {
  const files = createMemoryFiles();
  let isFull = true;
  const full: SegmentFiles = {
    ...files,
    write: async (key, blocks) => {
      if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      await files.write(key, blocks);
    },
  };
  const store = storeWith({ files: full });
  store.add('red', messages(1, 100));
  expect(store.isFlushDue).toBe(true);
  expect(await rejectedCode(store.flush())).toBe('ENOSPC');
  expect(seqsOf(await store.page('red', { limit: 1000 }))).toHaveLength(100);
  expect(store.stored.tail).toHaveLength(100);
  // The reading of logs goes on.
  store.add('red', messages(101, 10_000));
  await store.ready();
  isFull = false;
  await flushed(store);
  expect(store.stored.tail).toEqual([]);
  expect((await store.page('red', { limit: 1000 })).at(0)?.seq).toBe(9001);
});

test('opens with all messages whatever moment a crash comes at, and leaves no file that is not used', async () => {
  const { path } = temporaryFolder();
  const inner = openSegmentFolder(path);
  const moments: { readonly state: StoredMessages; readonly count: number; readonly files: Map<string, Buffer> }[] = [];
  let disk: StoredMessages | null = null;
  let onDisk = 0;
  const remember = async () => {
    if (disk === null) return;
    const files = new Map<string, Buffer>();
    for (const name of await readdir(path)) files.set(name, await readFile(join(path, name)));
    moments.push({ state: disk, count: onDisk, files });
  };
  const watched: SegmentFiles = {
    ...inner,
    write: async (key, blocks) => {
      await remember();
      await inner.write(key, blocks);
      await remember();
    },
    removeOthers: async (kept) => {
      await remember();
      await inner.removeOthers(kept);
      await remember();
    },
  };
  const store = storeWith({ files: watched });
  for (let round = 0; round < 12; round += 1) {
    store.add('red', messages(round * 10 + 1, round * 10 + 10));
    await store.flush();
    const { changes } = store;
    disk = store.stored;
    onDisk = (round + 1) * 10;
    await store.wasStored(changes);
    await store.tend();
  }
  expect(store.stored.segments.length).toBeLessThan(8);
  expect(moments.length).toBeGreaterThan(24);
  for (const { state, count, files } of moments) {
    const after = temporaryFolder();
    for (const [name, bytes] of files) await writeFile(join(after.path, name), bytes);
    const opened = storeWith({ files: openSegmentFolder(after.path), stored: state });
    expect(await opened.page('red', { limit: 1000 })).toHaveLength(count);
    await stored(opened);
    expect(await readdir(after.path)).toHaveLength(opened.stored.segments.length);
  }
});

test('reads from segments that are merged at the same time', async () => {
  const store = storeWith();
  for (let round = 0; round < 16; round += 1) {
    store.add('red', messages(round * 64 + 1, round * 64 + 64));
    await store.flush();
  }
  const readings = Array.from({ length: 10 }, () => store.page('red', { limit: 1000 }));
  await Promise.all([store.tend().then(() => stored(store)), ...readings]);
  for (const reading of readings) expect(await reading).toHaveLength(1000);
  expect((await store.search({ words: 'message', limit: 1000 })).hits).toHaveLength(1000);
  expect(store.stored.segments).toHaveLength(2);
});
