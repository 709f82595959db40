import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIfThere, renameSynced, writeAtomically, writeSynced } from '../src/index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what was written is read, and what is not there is null', async () => {
  const path = join(folder, 'a');
  expect(await readIfThere(path)).toBeNull();
  await writeAtomically(path, 'one');
  await writeAtomically(path, 'two');
  expect(await readIfThere(path)).toBe('two');
  expect(await readdir(folder)).toEqual(['a']);
});

test('a failed write leaves the old text and no draft', async () => {
  const path = join(folder, 'kept');
  await writeAtomically(path, 'old');
  // The draft cannot be written where a folder has its name.
  await mkdir(`${path}.new`);
  await writeFile(join(`${path}.new`, 'x'), '');
  await expect(writeAtomically(path, 'new')).rejects.toThrow();
  expect(await readIfThere(path)).toBe('old');
});

test.skipIf(process.platform === 'win32')('only the owner may read, whatever was there before', async () => {
  const path = join(folder, 'mode');
  await writeFile(path, 'open to all', { mode: 0o666 });
  await writeSynced(path, 'secret');
  await renameSynced(path, `${path}-moved`);
  expect((await stat(`${path}-moved`)).mode & 0o777).toBe(0o600);
});

test('other failures are not taken for a missing file', async () => {
  await expect(readIfThere(folder)).rejects.toThrow(expect.objectContaining({ code: 'EISDIR' }));
});
