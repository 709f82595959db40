/** Segment files: in memory, and sealed in a folder. */
import { execFileSync } from 'node:child_process';
import { type FileHandle, mkdir, open, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFiles } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { segmentFilesContract } from '../src/contract/segment-files-contract.ts';

const key = { file: 'ab'.repeat(16), key: Buffer.alloc(32, 7).toString('base64url') };
const first = { index: 0, offset: 0, bytes: 4 };
const second = { index: 1, offset: 4, bytes: 4 };
const blocks = ['near', 'last'].map((text) => new TextEncoder().encode(text));

describe('files in memory', () => {
  segmentFilesContract(test, async () => ({ files: createMemoryFiles(), close: async () => undefined }));
});

/** Returns the functions that all open files have. */
async function handlesOfFiles(): Promise<FileHandle> {
  const handle = await open(import.meta.filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('files in a folder', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  segmentFilesContract(test, async () => {
    const folder = temporaryFolder();
    return {
      files: openSegmentFolder(join(folder.path, 'messages')),
      close: async () => folder[Symbol.asyncDispose](),
    };
  });

  test('opens no block after any change of a byte, nor one that is cut off, nor one from another place', async () => {
    const { path } = temporaryFolder();
    const files = openSegmentFolder(path);
    await files.write(key, blocks);
    const file = join(path, key.file);
    const sealed = await readFile(file);
    for (const index of sealed.keys()) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] ?? 0) ^ 1;
      await writeFile(file, altered);
      expect(await rejectedCode(files.read(key, index < sealed.length / 2 ? first : second))).toBe('damaged');
    }
    await writeFile(file, Buffer.concat([sealed.subarray(sealed.length / 2), sealed.subarray(0, sealed.length / 2)]));
    expect(await rejectedCode(files.read(key, first))).toBe('damaged');
    await writeFile(file, sealed);
    await truncate(file, sealed.length - 1);
    expect(await rejectedCode(files.read(key, second))).toBe('damaged');
    expect(await files.read(key, first)).toEqual(Buffer.from('near'));
  });

  test('opens no file in the place of another, even with its key', async () => {
    const { path } = temporaryFolder();
    const files = openSegmentFolder(path);
    await files.write(key, blocks);
    const other = { ...key, file: 'cd'.repeat(16) };
    await writeFile(join(path, other.file), await readFile(join(path, key.file)));
    expect(await rejectedCode(files.read(other, first))).toBe('damaged');
  });

  test('has no byte of a text in its files, and names that say nothing', async () => {
    const { path } = temporaryFolder();
    await openSegmentFolder(path).write(key, [new TextEncoder().encode('secret meeting at noon')]);
    expect(await readdir(path)).toEqual([key.file]);
    expect((await readFile(join(path, key.file))).includes('meet')).toBe(false);
  });

  test('leaves no file of a write for which the disk has not enough space', async () => {
    const { path } = temporaryFolder();
    const files = openSegmentFolder(path);
    const handles = await handlesOfFiles();
    const { writeFile: write } = handles;
    let space = 400 * 1024;
    vi.spyOn(handles, 'writeFile').mockImplementation(async function (this: FileHandle, data) {
      const piece = (data as Buffer).subarray(0, space);
      await write.call(this, piece);
      space -= piece.length;
      if (piece.length < (data as Buffer).length) throw failure('ENOSPC');
    });
    const large = Array.from({ length: 100 }, () => new Uint8Array(16 * 1024));
    expect(await rejectedCode(files.write(key, large))).toBe('ENOSPC');
    expect(space).toBe(0);
    expect(await readdir(path)).toEqual([]);
  });

  test('leaves alone what is no file of the store, and removes its own all the same', async () => {
    const { path } = temporaryFolder();
    const files = openSegmentFolder(path);
    const others = ['.nfs0000', '@eaDir', 'cd'.repeat(16), `${key.file}.bak`];
    await writeFile(join(path, '.nfs0000'), '');
    await mkdir(join(path, '@eaDir'));
    await mkdir(join(path, 'cd'.repeat(16)));
    await writeFile(join(path, `${key.file}.bak`), '');
    await files.write(key, blocks);
    await files.removeOthers(() => false);
    expect((await readdir(path)).sort()).toEqual(others.sort());
  });

  test.skipIf(process.platform === 'win32')('cannot read what is no file, and waits for none of it', async () => {
    const { path } = temporaryFolder();
    const file = join(path, key.file);
    await writeFile(join(path, 'elsewhere'), 'content');
    const kinds: readonly (() => unknown)[] = [
      () => mkdir(file),
      () => symlink(join(path, 'elsewhere'), file),
      () => symlink(file, file),
      () => execFileSync('mkfifo', [file]),
    ];
    for (const make of kinds) {
      await make();
      // As many as would block all threads that work on files.
      const codes = Array.from({ length: 6 }, () => rejectedCode(openSegmentFolder(path).read(key, first)));
      expect(await Promise.all(codes)).toEqual(Array(6).fill('unreadable'));
      await rm(file, { recursive: true });
    }
    expect(await rejectedCode(openSegmentFolder(join(path, 'elsewhere')).read(key, first))).toBe('unreadable');
  });
});
