/** Durable writes, renames and reads. */
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, renameSynced, writeAtomically, writeSynced } from '@chat/durable-files';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder().path;
});

test('reads what was written, and null for a missing file', async () => {
  const path = join(folder, 'a');
  expect(await readIfThere(path)).toBeNull();
  await writeAtomically(path, 'one');
  await writeAtomically(path, 'two');
  expect(await readIfThere(path)).toBe('two');
  expect(await readdir(folder)).toEqual(['a']);
});

test('keeps the old text and leaves no draft when a write fails', async () => {
  const path = join(folder, 'kept');
  await writeAtomically(path, 'old');
  // A folder with the name of the draft makes the write fail.
  await mkdir(`${path}.new`);
  await writeFile(join(`${path}.new`, 'x'), '');
  await expect(writeAtomically(path, 'new')).rejects.toThrow();
  expect(await readIfThere(path)).toBe('old');
});

test.skipIf(process.platform === 'win32')(
  'lets only the owner read, whatever the mode of the file before',
  async () => {
    const path = join(folder, 'mode');
    await writeFile(path, 'open to all', { mode: 0o666 });
    await writeSynced(path, 'secret');
    await renameSynced(path, `${path}-moved`);
    expect((await stat(`${path}-moved`)).mode & 0o777).toBe(0o600);
  },
);

test('does not take another error for a missing file', async () => {
  expect(await rejectedCode(readIfThere(folder))).toBe('EISDIR');
});
