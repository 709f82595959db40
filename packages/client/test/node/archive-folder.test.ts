/** The archive's files: sealed, cut off by a crash, bounded, erased. */

import { hkdfSync } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fernet } from '@chat/fernet';
import { utf8 } from '@chat/protocol';
import { temporaryFolder } from '@chat/testkit';
import { beforeEach, expect, test } from 'vitest';
import { archiveBounds, type KeptEntry } from '../../src/entry-archive.ts';
import { openArchiveFolder } from '../../src/node/archive-folder.ts';

const dayMs = 24 * 60 * 60 * 1000;
const roomId = 'a'.repeat(64);
const key = new Uint8Array(32).fill(7);
let directory: string;
let now: number;
const open = (opened = key) => openArchiveFolder({ directory, key: opened, now: () => now });

const entries = (first: number, count: number, payload = 'secret words'): KeptEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: first + index,
    at: 1,
    entry: { type: 'message', payload: utf8(payload), by: 'b'.repeat(64), signature: new Uint8Array(8) },
    logHash: 'c'.repeat(64),
  }));
const positions = (kept: readonly KeptEntry[]) => kept.map(({ seq }) => seq);

async function pathOf(): Promise<string> {
  const [name] = await readdir(directory);
  return join(directory, name ?? '');
}

beforeEach(() => {
  directory = join(temporaryFolder().path, 'archive');
  now = Date.now();
});

test('keeps entries over a restart, and skips those that are read again', async () => {
  const first = await open();
  first.keep(roomId, entries(5, 3));
  await first.close();
  const second = await open();
  second.keep(roomId, entries(6, 4));
  expect(positions(await second.read(roomId, 4))).toEqual([5, 6, 7, 8, 9]);
  expect(await second.read(roomId, 3)).toEqual([]);
  expect(positions(await second.read(roomId, 8))).toEqual([9]);
});

test('begins anew after a gap', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 3));
  archive.keep(roomId, entries(9, 2));
  expect(await archive.read(roomId, 0)).toEqual([]);
  expect(positions(await archive.read(roomId, 8))).toEqual([9, 10]);
});

test('shows neither text nor room without the key', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 3));
  await archive.close();
  const path = await pathOf();
  expect(path).not.toContain(roomId.slice(0, 16));
  expect(await readFile(path, 'utf8')).not.toContain('secret');
  expect(await (await open(new Uint8Array(32))).read(roomId, 0)).toEqual([]);
});

test('reads what stands before a line that a crash has cut off, and goes on after it', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 3));
  await archive.close();
  const path = await pathOf();
  const whole = (await readFile(path)).length;
  await appendFile(path, (await readFile(path, 'utf8')).slice(0, 60));
  const after = await open();
  after.keep(roomId, entries(4, 1));
  expect(positions(await after.read(roomId, 0))).toEqual([1, 2, 3, 4]);
  await after.close();
  await truncate(path, whole - 5);
  expect(await (await open()).read(roomId, 0)).toEqual([]);
});

test('keeps the latest entries within its bound, and does not grow beyond twice that', async () => {
  const archive = await open();
  const last = 4 * archiveBounds.entries;
  for (let first = 1; first < last; first += 256) {
    archive.keep(roomId, entries(first, 256, 'x'));
    await archive.close();
  }
  const kept = await archive.read(roomId, last - archiveBounds.entries);
  expect(kept).toHaveLength(archiveBounds.entries);
  expect(await archive.read(roomId, last - archiveBounds.entries - 1)).toEqual([]);
});

test('keeps the bound of all rooms together while it runs, and gives up the rooms that were quiet for longest', async () => {
  const archive = await open();
  const roomIds = Array.from({ length: 20 }, (_, index) => index.toString(16).padStart(64, '0'));
  const tenMegabytes = 'x'.repeat(10 * 1024 * 1024);
  for (const id of roomIds) {
    // Made longer without being written, so that the test writes little.
    archive.keep(id, entries(1, 1, 'x'));
    await archive.close();
    const names = await readdir(directory);
    const sizes = await Promise.all(
      names.map(async (name) => [name, (await stat(join(directory, name))).size] as const),
    );
    const [newest] = sizes.find(([, size]) => size < 1_000_000) ?? [''];
    await appendFile(join(directory, newest), '\n');
    await truncate(join(directory, newest), 10_000_000);
  }
  archive.keep('f'.repeat(64), entries(1, 1, tenMegabytes));
  await archive.close();
  const sizes = await Promise.all(
    (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(archiveBounds.totalBytes * 1.5);
  expect(await archive.read(roomIds[0] ?? '', 0)).toEqual([]);
  expect(positions(await archive.read(roomIds.at(-1) ?? '', 0))).toEqual([1]);
  archive.keep(roomIds[0] ?? '', entries(2, 1));
  expect(positions(await archive.read(roomIds[0] ?? '', 1))).toEqual([2]);
});

test('does not let the file of a room grow beyond twice its bound in lines', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 1));
  await archive.close();
  const path = await pathOf();
  const line = await readFile(path, 'utf8');
  const most = 2 * archiveBounds.entries;
  await appendFile(path, line.repeat(most - 2));
  const countLines = async () => (await readFile(path, 'utf8')).split('\n').length - 1;
  const after = await open();
  after.keep(roomId, entries(2, 1));
  await after.close();
  expect(await countLines()).toBe(most);
  after.keep(roomId, entries(3, 1));
  await after.close();
  expect([await countLines(), positions(await after.read(roomId, 0))]).toEqual([1, [1, 2, 3]]);
});

test('does not let the file of a room grow beyond twice its bound in bytes', async () => {
  const archive = await open();
  const most = 2 * 1.5 * archiveBounds.bytes;
  const payload = 'x'.repeat(16 * 1024);
  const count = (0.75 * archiveBounds.bytes) / payload.length;
  for (let batch = 0; batch < 6; batch++) {
    archive.keep(roomId, entries(1 + batch * count, count, payload));
    await archive.close();
    expect((await stat(await pathOf())).size).toBeLessThanOrEqual(most);
  }
  expect(await archive.read(roomId, 5 * count)).toHaveLength(count);
});

test('joins the short lines of a day when it writes a file again', async () => {
  now -= 100 * dayMs;
  const archive = await open();
  archive.keep(roomId, entries(1, 1));
  await archive.close();
  now += dayMs;
  for (let seq = 2; seq <= 41; seq++) {
    archive.keep(roomId, entries(seq, 1));
    await archive.close();
  }
  now += archiveBounds.ageMs;
  archive.keep(roomId, entries(42, 1));
  expect(await archive.read(roomId, 1)).toHaveLength(41);
  expect((await readFile(await pathOf(), 'utf8')).trim().split('\n')).toHaveLength(2);
});

test('forgets what is older than its bound', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 3));
  await archive.close();
  now += archiveBounds.ageMs + 1;
  const later = await open();
  later.keep(roomId, entries(4, 1));
  expect(await later.read(roomId, 0)).toEqual([]);
  expect(positions(await later.read(roomId, 3))).toEqual([4]);
  await later.close();
  expect((await readFile(await pathOf(), 'utf8')).trim().split('\n')).toHaveLength(1);
});

test('forgets entries at their own age although later ones of the room stay, over restarts and while it runs', async () => {
  // The files have the time of the machine, so the days lie before it.
  now -= 100 * dayMs;
  let archive = await open();
  for (let day = 1; day <= 100; day++, now += dayMs) {
    archive.keep(roomId, entries(day, 1));
    const oldest = Math.max(1, day - archiveBounds.ageMs / dayMs);
    const [first] = await archive.read(roomId, oldest - 1);
    expect(first?.seq).toBe(oldest);
    expect((await readFile(await pathOf(), 'utf8')).trim().split('\n').length).toBeLessThanOrEqual(32);
    if (day % 7 > 0) continue;
    await archive.close();
    archive = await open();
  }
});

test('deletes the file of a quiet room while it runs, also beside an old directory of another program', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 1));
  await archive.close();
  const longAgo = new Date(now - archiveBounds.ageMs);
  const quiet = await pathOf();
  await utimes(quiet, longAgo, longAgo);
  const foreign = join(directory, '@other');
  await mkdir(foreign);
  const later = new Date(longAgo.getTime() + 60_000);
  await utimes(foreign, later, later);
  now += dayMs;
  archive.keep('d'.repeat(64), entries(1, 1));
  await archive.close();
  const left = await readdir(directory);
  expect([left.length, left.includes('@other'), left.includes(basename(quiet))]).toEqual([2, true, false]);
});

test('erases a room, and does without a folder that cannot be written', async () => {
  const archive = await open();
  archive.keep(roomId, entries(1, 3));
  archive.erase(roomId);
  expect(await archive.read(roomId, 0)).toEqual([]);
  await archive.close();
  expect(await readdir(directory)).toEqual([]);
  archive.keep(roomId, entries(1, 3));
  archive.erase(roomId);
  archive.keep(roomId, entries(9, 1));
  expect(await archive.read(roomId, 0)).toEqual([]);
  expect(positions(await archive.read(roomId, 8))).toEqual([9]);
  const blocked = join(directory, 'file');
  await writeFile(blocked, '');
  const nowhere = await openArchiveFolder({ directory: blocked, key, now: () => now });
  nowhere.keep(roomId, entries(1, 1));
  expect(await nowhere.read(roomId, 0)).toEqual([]);
  await nowhere.close();
});

test('reads lines that were written in JSON, and goes on after them', async () => {
  const first = await open();
  first.keep(roomId, entries(7, 1));
  await first.close();
  const path = await pathOf();
  const derived = Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `chat/1 archive key ${roomId}`, 32));
  const signature = 'AAAAAAAAAAA';
  const earlier = [5, 6].map((seq) => {
    const entry = { type: 'message', payload: '{"v":1,"text":"grüße"}', by: 'b'.repeat(64), signature };
    return { seq, at: 1, entry, logHash: 'c'.repeat(64) };
  });
  await writeFile(path, `\n${new Fernet(derived).encrypt(JSON.stringify({ at: now, entries: earlier }))}`);
  const second = await open();
  second.keep(roomId, entries(7, 1));
  const kept = await second.read(roomId, 4);
  expect(positions(kept)).toEqual([5, 6, 7]);
  expect(kept[0]?.entry).toEqual({
    ...{ type: 'message', by: 'b'.repeat(64) },
    payload: utf8('{"v":1,"text":"grüße"}'),
    signature: new Uint8Array(8),
  });
  await second.close();
});
