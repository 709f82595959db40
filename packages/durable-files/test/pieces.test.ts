/** Large files: a write that fails leaves nothing, and what is read in pieces is the file. */
import { type FileHandle, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readPieces, writeNewSynced } from '@chat/durable-files';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
let path: string;
let prototype: FileHandle;

beforeEach(async () => {
  folder = temporaryFolder().path;
  path = join(folder, 'file');
  const handle = await open(import.meta.filename);
  prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const failure = (code: string) => Object.assign(new Error(code), { code });

test('writes all pieces, one after another', async () => {
  await writeNewSynced(
    path,
    ['one ', '', 'two'].map((text) => Buffer.from(text)),
  );
  expect(await readFile(path, 'utf8')).toBe('one two');
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('leaves no file when the disk is full in the middle of a piece', async () => {
  const { writeFile: write } = prototype;
  vi.spyOn(prototype, 'writeFile').mockImplementation(async function (this: FileHandle, data) {
    await write.call(this, (data as Buffer).subarray(0, 2));
    throw failure('ENOSPC');
  });
  expect(await rejectedCode(writeNewSynced(path, [Buffer.from('content')]))).toBe('ENOSPC');
  expect(await readdir(folder)).toEqual([]);
});

test.each([1, 2])('leaves no file when sync %i of content and name fails', async (failing) => {
  const { sync } = prototype;
  let count = 0;
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    count += 1;
    if (count === failing) throw failure('EIO');
    await sync.call(this);
  });
  expect(await rejectedCode(writeNewSynced(path, [Buffer.from('content')]))).toBe('EIO');
  expect(await readdir(folder)).toEqual([]);
});

test('leaves no file when there are no more pieces because of an error', async () => {
  function* pieces() {
    yield Buffer.from('content');
    throw failure('ERR');
  }
  expect(await rejectedCode(writeNewSynced(path, pieces()))).toBe('ERR');
  expect(await readdir(folder)).toEqual([]);
});

test('leaves what has the name already', async () => {
  await writeFile(path, 'other');
  expect(await rejectedCode(writeNewSynced(path, [Buffer.from('content')]))).toBe('EEXIST');
  expect(await readFile(path, 'utf8')).toBe('other');
});

test.each([0, 3, 65_536, 150_000])('reads the bytes from position %s on, and leaves the file open', async (start) => {
  const bytes = Buffer.from(Array.from({ length: 150_000 }, (_, index) => index % 251));
  await writeFile(path, bytes);
  const file = await open(path);
  const read: Uint8Array[] = [];
  for await (const piece of readPieces(file, start)) read.push(piece);
  expect(Buffer.concat(read).equals(bytes.subarray(start))).toBe(true);
  expect(Math.max(0, ...read.map((piece) => piece.length))).toBeLessThan(bytes.length);
  expect((await file.stat()).size).toBe(bytes.length);
  await file.close();
});
