/** Reads that give less than they were asked for, and reads that fail. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { afterEach, expect, test, vi } from 'vitest';

/** What happens to each read of a file. */
const reading = vi.hoisted(() => ({ most: Number.POSITIVE_INFINITY, code: null as string | null }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const { promisify } = await import('node:util');
  const read = promisify(fs.read) as (...args: readonly unknown[]) => Promise<unknown>;
  const limited = async (file: number, bytes: Buffer, offset: number, length: number, position: number) => {
    if (reading.code !== null) throw Object.assign(new Error(reading.code), { code: reading.code });
    return read(file, bytes, offset, Math.min(length, reading.most), position);
  };
  return { ...fs, read: Object.assign(() => undefined, { [promisify.custom]: limited }) };
});

import { OpenFiles } from '../../src/node/open-files.ts';
import { openSegmentFolder } from '../../src/node/segment-folder.ts';

afterEach(() => {
  [reading.most, reading.code] = [Number.POSITIVE_INFINITY, null];
});

test('reads all that it was asked for from a file system that gives a few bytes at a time', async () => {
  const path = join(temporaryFolder().path, 'file');
  await writeFile(path, '0123456789');
  const files = new OpenFiles();
  reading.most = 3;
  expect(String(await files.read(path, 1, 8))).toBe('12345678');
  expect(String(await files.read(path, 5, 100))).toBe('56789');
  expect(String(await files.read(path, 50, 100))).toBe('');
  await files.close();
});

test('blames the file for an error of the disk, and not for what any read lacks', async () => {
  const { path } = temporaryFolder();
  const files = openSegmentFolder(path);
  const key = { file: 'ab'.repeat(16), key: Buffer.alloc(32, 7).toString('base64url') };
  const block = { index: 0, offset: 0, bytes: 4 };
  await files.write(key, [Buffer.from('near')]);
  for (const [code, found] of [
    ['EIO', 'unreadable'],
    ['ENOMEM', 'ENOMEM'],
  ] as const) {
    reading.code = code;
    expect(await rejectedCode(files.read(key, block))).toBe(found);
  }
  reading.code = null;
  expect(await files.read(key, block)).toEqual(Buffer.from('near'));
  await files.close();
});
