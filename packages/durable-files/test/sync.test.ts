/** A write is on the disk before it counts: a sync that is left out, or that fails, is noticed. */
import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { renameSynced, writeAtomically, writeSynced } from '../src/index.ts';

let path: string;
/** What was synced, in order: the content of a file then, or `directory`. */
let synced: string[];
/** The sync with this number, from 1, fails. */
let failing: number;

beforeEach(async () => {
  path = join(temporaryFolder().path, 'file');
  [synced, failing] = [[], 0];
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { sync } = prototype;
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: FileHandle) {
    const isDirectory = (await this.stat()).isDirectory();
    synced.push(isDirectory ? 'directory' : await readFile(`/proc/self/fd/${this.fd}`, 'utf8').catch(() => 'file'));
    if (synced.length === failing) throw new Error('EIO');
    await sync.call(this);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux('syncs a file after its content is written', async () => {
  await writeSynced(path, 'text');
  expect(synced).toEqual(['text']);
});

onLinux('syncs the directory after a rename', async () => {
  await writeFile(path, '');
  await renameSynced(path, `${path}2`);
  expect(synced).toEqual(['directory']);
});

onLinux('syncs the new content before it takes the name, and the name afterwards', async () => {
  await writeFile(path, 'old');
  await writeAtomically(path, 'new');
  expect(synced).toEqual(['new', 'directory']);
});

test('keeps the old content, and says so, when the new one cannot be synced', async () => {
  await writeFile(path, 'old');
  failing = 1;
  await expect(writeAtomically(path, 'new')).rejects.toThrow('EIO');
  expect(await readFile(path, 'utf8')).toBe('old');
});

onLinux('does not claim that a name is durable which cannot be synced', async () => {
  failing = 2;
  await expect(writeAtomically(path, 'new')).rejects.toThrow('EIO');
});
