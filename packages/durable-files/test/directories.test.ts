/** Directories: what is listed, created and removed of them. */
import { type FileHandle, mkdir, open, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, makeDirectorySynced, removeSynced } from '@chat/durable-files';
import { temporaryFolder } from '@chat/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder().path;
});
afterEach(() => {
  vi.restoreAllMocks();
});

test('lists files only, and nothing of a directory that is not there', async () => {
  await writeFile(join(folder, 'file'), '');
  await mkdir(join(folder, 'directory'));
  await symlink(join(folder, 'file'), join(folder, 'link'));
  expect(await filesIn(folder)).toEqual(['file']);
  expect(await filesIn(join(folder, 'missing'))).toEqual([]);
});

test('makes a directory for its owner, and syncs all that have a new entry', async () => {
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const sync = vi.spyOn(prototype, 'sync');
  const path = join(folder, 'a', 'b', 'c');
  await makeDirectorySynced(path);
  if (process.platform !== 'win32') {
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(sync).toHaveBeenCalledTimes(3);
  }
  await makeDirectorySynced(path);
  if (process.platform !== 'win32') expect(sync).toHaveBeenCalledTimes(3);
});

test('removes what can be removed, and throws for the rest', async () => {
  for (const name of ['first', 'last']) await writeFile(join(folder, name), '');
  await mkdir(join(folder, 'stays'));
  await expect(removeSynced(folder, ['first', 'stays', 'last', 'missing'])).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['stays']);
});
