/** Segment files: in memory, and sealed in a folder. */
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFiles } from '@chat/message-store';
import { openSegmentFolder } from '@chat/message-store/node';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { segmentFilesContract } from '../src/contract/segment-files-contract.ts';

const key = { file: 'ab'.repeat(16), key: Buffer.alloc(32, 7).toString('base64url') };
const first = { index: 0, offset: 0, bytes: 4 };
const second = { index: 1, offset: 4, bytes: 4 };
const blocks = ['near', 'last'].map((text) => new TextEncoder().encode(text));

describe('files in memory', () => {
  segmentFilesContract(test, async () => ({ files: createMemoryFiles(), close: async () => undefined }));
});

describe('files in a folder', () => {
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
});
