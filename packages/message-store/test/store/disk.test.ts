/** Disks that are full, folders of which something cannot be removed, and files that are written while others are removed. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFiles, type SegmentFiles } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { flushed, messages, seqsOf, stored, storeWith } from '../support/store.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Files on a disk that takes nothing while `isFull`. */
function fullDisk() {
  const files = createMemoryFiles();
  const disk = { isFull: true, tries: 0 };
  const full: SegmentFiles = {
    ...files,
    write: async (key, blocks) => {
      disk.tries += 1;
      if (disk.isFull) throw failure('ENOSPC');
      await files.write(key, blocks);
    },
  };
  return { disk, full };
}

test('keeps what a full disk does not take, and writes it later', async () => {
  const { disk, full } = fullDisk();
  const store = storeWith({ files: full });
  store.add('red', messages(1, 100));
  expect(store.isFlushDue).toBe(true);
  expect(await rejectedCode(store.flush())).toBe('ENOSPC');
  expect(seqsOf(await store.page('red', { limit: 1000 }))).toHaveLength(100);
  expect(store.stored.tail).toHaveLength(100);
  // The reading of logs goes on.
  store.add('red', messages(101, 10_000));
  await store.ready();
  disk.isFull = false;
  await flushed(store);
  expect(store.stored.tail).toEqual([]);
  expect((await store.page('red', { limit: 1000 })).at(0)?.seq).toBe(9001);
});

test('writes what has gathered in segments of a bounded size, and keeps those that were written if the next one fails', async () => {
  const { disk, full } = fullDisk();
  disk.isFull = false;
  const limited: SegmentFiles = {
    ...full,
    write: async (key, blocks) => {
      if (disk.tries === 2) throw failure('ENOSPC');
      await full.write(key, blocks);
    },
  };
  const store = storeWith({ files: limited });
  store.add('red', messages(1, 20_000));
  const before = store.stored;
  expect(await rejectedCode(store.flush())).toBe('ENOSPC');
  expect(store.stored.segments.map(({ count }) => count)).toEqual([8192, 8192]);
  expect(store.stored.tail).toHaveLength(20_000 - 2 * 8192);
  // What was to be stored is as it was then.
  expect(before.tail).toHaveLength(20_000);
  expect((await store.page('red', { after: 8000, limit: 1000 })).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 1000 }, (_, index) => 8001 + index),
  );
});

test('takes no space again for ten minutes when a merge has failed', async () => {
  const { disk, full } = fullDisk();
  disk.isFull = false;
  let now = 1_000_000;
  const store = storeWith({ files: full, now: () => now });
  for (let round = 0; round < 8; round += 1) {
    store.add('red', messages(round * 64 + 1, round * 64 + 64));
    await flushed(store);
  }
  disk.isFull = true;
  const before = disk.tries;
  for (let count = 0; count < 5; count += 1) {
    await store.tend();
    await stored(store);
    now += 60_000;
  }
  expect(disk.tries).toBe(before + 1);
  expect(store.stored.segments).toHaveLength(8);
  disk.isFull = false;
  now += 10 * 60_000;
  await store.tend();
  expect(store.stored.segments).toHaveLength(1);
  expect(await store.page('red', { limit: 1000 })).toHaveLength(512);
});

test('tries an erasure that a full disk has stopped again after a minute, and at once for another one or if a caller waits', async () => {
  const { disk, full } = fullDisk();
  disk.isFull = false;
  let now = 1_000_000;
  const store = storeWith({ files: full, now: () => now });
  for (const room of ['red', 'blue', 'green']) store.add(room, messages(1, 10));
  await flushed(store);
  disk.isFull = true;
  const before = disk.tries;
  store.forget('red');
  for (let count = 0; count < 3; count += 1) await store.tend();
  expect([disk.tries - before, store.isErasureDue, store.hasErasureFailed]).toEqual([1, true, true]);
  store.forget('blue');
  // It is due, and has not failed.
  expect([store.isErasureDue, store.hasErasureFailed]).toEqual([true, false]);
  await store.tend();
  expect(disk.tries - before).toBe(2);
  await store.tend(true);
  expect(disk.tries - before).toBe(3);
  disk.isFull = false;
  now += 60_000;
  await store.tend();
  expect([store.isErasureDue, store.hasErasureFailed]).toEqual([false, false]);
  expect(store.stored.segments.map(({ count }) => count)).toEqual([10]);
});

test('removes what a write has left that could not even clean up', async () => {
  const { path } = temporaryFolder();
  const files = openSegmentFolder(path);
  let isFailing = false;
  const leaving: SegmentFiles = {
    ...files,
    write: async (key, blocks) => {
      if (!isFailing) return files.write(key, blocks);
      await writeFile(join(path, key.file), 'half');
      throw failure('EIO');
    },
  };
  const store = storeWith({ files: leaving });
  store.add('red', messages(1, 5));
  await flushed(store);
  isFailing = true;
  store.add('red', messages(6, 9));
  expect(await rejectedCode(store.flush())).toBe('EIO');
  expect(await readdir(path)).toHaveLength(2);
  await stored(store);
  expect(await readdir(path)).toEqual([store.stored.segments[0]?.file]);
});

test('stores messages in a folder in which other programs have left something', async () => {
  const { path } = temporaryFolder();
  await mkdir(join(path, '@eaDir'));
  await mkdir(join(path, 'ab'.repeat(16)));
  const store = storeWith({ files: openSegmentFolder(path) });
  store.add('red', messages(1, 5));
  await flushed(store);
  store.forget('red');
  await store.tend();
  await stored(store);
  expect((await readdir(path)).sort()).toEqual(['@eaDir', 'ab'.repeat(16)]);
});

test('tries again to remove a file, until it can be removed', async () => {
  const files = createMemoryFiles();
  const outcomes: (string | null)[] = [];
  const stubborn: SegmentFiles = {
    ...files,
    removeOthers: async (isKept) => {
      const code = outcomes.shift() ?? null;
      if (code !== null) throw failure(code);
      await files.removeOthers(isKept);
    },
  };
  const store = storeWith({ files: stubborn });
  store.add('red', messages(1, 5));
  await flushed(store);
  const [first] = store.stored.segments;
  store.forget('red');
  await store.tend();
  outcomes.push('EPERM', 'EBUSY');
  expect(await rejectedCode(stored(store))).toBe('EPERM');
  expect(await rejectedCode(stored(store))).toBe('EBUSY');
  await stored(store);
  const block = { index: 0, offset: 0, bytes: 1 };
  expect(await rejectedCode(files.read(first ?? { file: '', key: '' }, block))).toBe('missing');
});

test('removes no segment that is written while the folder is listed', async () => {
  const { path } = temporaryFolder();
  const files = openSegmentFolder(path);
  let listing: (() => Promise<void>) | null = null;
  const slow: SegmentFiles = {
    ...files,
    removeOthers: async (isKept) => {
      // A folder of many files, or a slow one, is listed while others write.
      await listing?.();
      await files.removeOthers(isKept);
    },
  };
  const store = storeWith({ files: slow });
  for (let round = 0; round < 8; round += 1) {
    store.add('red', messages(round * 10 + 1, round * 10 + 10));
    await store.flush();
  }
  listing = async () => {
    listing = null;
    store.add('red', messages(81, 90));
    await Promise.all([store.flush(), store.tend()]);
  };
  await stored(store);
  expect(seqsOf(await store.page('red', { limit: 100 }))).toHaveLength(90);
  await stored(store);
  expect(seqsOf(await store.page('red', { limit: 100 }))).toHaveLength(90);
  expect((await readdir(path)).sort()).toEqual(store.stored.segments.map(({ file }) => file).sort());
});
