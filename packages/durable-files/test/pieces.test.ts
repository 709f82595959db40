/** Large files: a write that fails leaves nothing, and a reading neither waits nor follows. */
import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRange, writeNewSynced } from '@chat/durable-files';
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
const onPosix = test.skipIf(process.platform === 'win32');

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

test('reads a range, and fewer bytes at the end of the file', async () => {
  await writeFile(path, '0123456789');
  const ranges = [readRange(path, 2, 3), readRange(path, 8, 5), readRange(path, 20, 5)];
  expect((await Promise.all(ranges)).map(String)).toEqual(['234', '89', '']);
});

test('reads all of a range from a file system that gives a few bytes at a time', async () => {
  await writeFile(path, '0123456789');
  const read = prototype.read as (...args: readonly unknown[]) => Promise<unknown>;
  const stingy = function (this: FileHandle, buffer: Buffer, offset: number, length: number, position: number) {
    return read.call(this, buffer, offset, Math.min(length, 3), position);
  };
  vi.spyOn(prototype, 'read').mockImplementation(stingy as never);
  expect(String(await readRange(path, 1, 8))).toBe('12345678');
});

test('throws for what is not there', async () => {
  expect(await rejectedCode(readRange(path, 0, 1))).toBe('ENOENT');
});

onPosix('opens no directory, and follows no link', async () => {
  await mkdir(path);
  expect(await readRange(path, 0, 1)).toBeNull();
  await writeFile(join(folder, 'target'), 'content');
  await symlink(join(folder, 'target'), join(folder, 'link'));
  expect(await rejectedCode(readRange(join(folder, 'link'), 0, 1))).toBe('ELOOP');
});

onPosix('waits for no pipe, however many there are', async () => {
  const pipes = Array.from({ length: 6 }, (_, index) => join(folder, `pipe${index}`));
  execFileSync('mkfifo', pipes);
  expect(await Promise.all(pipes.map((pipe) => readRange(pipe, 0, 1)))).toEqual(pipes.map(() => null));
});
