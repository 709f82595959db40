/** Files that are altered, removed, put back, or cannot be read: what is shown of the others, and what is erased in them. */
import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTrouble, KeptMessage, MessageStore, SegmentFiles, StoredMessages } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { flushed, messages, seqsOf, stored, storeWith } from '../support/store.ts';

/** A store of segments in a folder: for each list of rooms one, with a hundred messages of each of them. */
async function storeOf(...segments: readonly (readonly string[])[]) {
  const { path } = temporaryFolder();
  const reports: FileTrouble[] = [];
  const files = openSegmentFolder(path);
  const store = storeWith({ files });
  for (const [index, rooms] of segments.entries()) {
    for (const room of rooms) store.add(room, messages(index * 100 + 1, index * 100 + 100, textOf(room)));
    await flushed(store);
  }
  const open = (state: StoredMessages = store.stored) =>
    storeWith({ files, stored: state, damaged: (trouble) => reports.push(trouble) });
  const paths = store.stored.segments.map(({ file }) => join(path, file));
  return { path, paths, store, open, reports };
}

/** Two blocks of messages are needed for a hundred of these. */
const textOf = (room: string) => (seq: number) => `${room}${seq} ${'filler '.repeat(40)}`;

/** Alters the byte at a position of a file; a negative one counts from its end. */
async function alter(path: string, position: number): Promise<void> {
  const bytes = await readFile(path);
  const index = position < 0 ? bytes.length + position : position;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** Erases what is due, and stores the state as a client does. */
async function tended(store: MessageStore): Promise<void> {
  await store.tend();
  await stored(store);
}

const all = async (store: MessageStore, room: string): Promise<readonly KeptMessage[]> =>
  store.page(room, { limit: 1000 });

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

test('keeps a damaged file as it is as long as nothing of it is to be erased', async () => {
  const { paths, store, open, reports } = await storeOf(...Array.from({ length: 8 }, () => ['red']));
  await alter(paths[2] ?? '', 0);
  const altered = open();
  await all(altered, 'red');
  await tended(altered);
  expect(altered.stored.segments).toHaveLength(8);
  expect(reports).toEqual(['damaged']);
  await alter(paths[2] ?? '', 0);
  expect(await all(open(altered.stored), 'red')).toEqual(await all(store, 'red'));
});

test('erases a room from a file of which a block is damaged, and keeps what can be read of the others', async () => {
  const { path, paths, open, reports } = await storeOf(['red', 'blue']);
  // The room that was added first stands first, and the damage is in its first block.
  await alter(paths[0] ?? '', 0);
  const altered = open();
  altered.forget('blue');
  await tended(altered);
  expect(reports).toEqual(['damaged']);
  expect(await readdir(path)).not.toContain(paths[0]?.slice(-32));
  const kept = seqsOf(await all(altered, 'red'));
  expect(kept.length).toBeGreaterThan(10);
  expect(kept).toEqual(kept.map((_, index) => 101 - kept.length + index));
  expect((await altered.search({ words: 'blue*' })).hits).toEqual([]);
  expect((await altered.search({ words: 'red*', limit: 1000 })).hits).toHaveLength(kept.length);
});

test('erases a room from a file of which the directory is damaged', async () => {
  const { path, paths, open } = await storeOf(['red', 'blue'], ['red']);
  await alter(paths[0] ?? '', -1);
  const altered = open();
  altered.forget('blue');
  await tended(altered);
  expect(await readdir(path)).toEqual([paths[1]?.slice(-32)]);
  expect(altered.isErasureDue).toBe(false);
  expect(await all(altered, 'red')).toHaveLength(100);
});

test('keeps the name of a file that is missing, and erases from it when it is there again', async () => {
  const { path, paths, open, reports } = await storeOf(['red', 'blue']);
  const elsewhere = join(temporaryFolder().path, 'moved');
  await rename(paths[0] ?? '', elsewhere);
  const without = open();
  without.forget('blue');
  await tended(without);
  expect(reports).toEqual(['damaged']);
  expect(without.stored.segments).toHaveLength(1);
  await rename(elsewhere, paths[0] ?? '');
  const again = open(without.stored);
  await tended(again);
  expect(await readdir(path)).not.toContain(paths[0]?.slice(-32));
  expect(await all(again, 'red')).toHaveLength(100);
});

test('erases from all other files if one cannot be read, and from that one when it can', async () => {
  const { path, paths, open, reports } = await storeOf(['red', 'blue'], ['red', 'blue'], ['blue'], ['red']);
  const [first = '', second = '', third = ''] = paths;
  await rename(first, `${first}.moved`);
  await mkdir(first);
  await rename(third, `${third}.moved`);
  await symlink(`${third}.moved`, third);
  let now = 1_000_000;
  const store = storeWith({
    files: openSegmentFolder(path),
    stored: open().stored,
    now: () => now,
    damaged: (trouble) => reports.push(trouble),
  });
  expect(await all(store, 'red')).toHaveLength(200);
  store.forget('blue');
  await tended(store);
  // Of the third one nothing is needed, so it need not be read.
  expect(store.stored.segments.map(({ file }) => file)).not.toContain(third.slice(-32));
  expect(store.stored.segments.map(({ file }) => file)).not.toContain(second.slice(-32));
  expect([reports, store.isErasureDue]).toEqual([['unreadable'], true]);
  await rm(first, { recursive: true });
  await rename(`${first}.moved`, first);
  now += 60_000;
  await tended(store);
  expect(store.isErasureDue).toBe(false);
  expect(await readdir(path)).not.toContain(first.slice(-32));
  expect(await all(store, 'red')).toHaveLength(300);
});

test('reports what any reading lacks to the caller, and blames no file for it', async () => {
  const { path, store, reports } = await storeOf(['red']);
  let isFailing = true;
  const files = openSegmentFolder(path);
  const failing: SegmentFiles = {
    ...files,
    read: async (key, block) => {
      if (isFailing) throw Object.assign(new Error('too many'), { code: 'EMFILE' });
      return files.read(key, block);
    },
  };
  const opened = storeWith({ files: failing, stored: store.stored, damaged: (trouble) => reports.push(trouble) });
  expect(await rejectedCode(opened.page('red'))).toBe('EMFILE');
  expect(await rejectedCode(opened.search({ words: 'filler' }))).toBe('EMFILE');
  isFailing = false;
  expect(await all(opened, 'red')).toHaveLength(100);
  expect(reports).toEqual([]);
});

test('opens no file to erase if none has anything that is to be erased', async () => {
  const { path, store } = await storeOf(['red', 'blue'], ['red']);
  let reads = 0;
  const files = openSegmentFolder(path);
  const counted: SegmentFiles = {
    ...files,
    read: (key, block) => {
      reads += 1;
      return files.read(key, block);
    },
  };
  const opened = storeWith({ files: counted, stored: store.stored });
  await tended(opened);
  expect([reads, opened.isErasureDue]).toEqual([0, false]);
  expect(await all(opened, 'blue')).toHaveLength(100);
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
