/** The state that a client stores is on the disk before the client relies on it. */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@chat/testkit';
import { afterEach, expect, test, vi } from 'vitest';
import { createSealedFile, openSealedFile } from '../../src/node/sealed-file.ts';
import { emptyStored } from '../../src/storage/stored-state.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const secret = new Uint8Array(32).fill(7);

test('a save that the disk has not confirmed is no save, and leaves the state before it', async () => {
  const path = join(temporaryFolder().path, 'state.sealed');
  const { vault } = await createSealedFile(path, secret, emptyStored);
  const before = await readFile(path, 'utf8');
  const handle = await open(path);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const sync = vi.spyOn(prototype, 'sync').mockRejectedValue(new Error('EIO'));
  await expect(vault.save(emptyStored)).rejects.toThrow('EIO');
  expect(await readFile(path, 'utf8')).toBe(before);
  sync.mockRestore();
  await vault.save(emptyStored);
  expect((await openSealedFile(path, { secret, password: '' })).stored).toEqual(emptyStored);
});
