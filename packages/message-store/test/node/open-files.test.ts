/** Files that stay open between reads. */
import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { rejectedCode, temporaryFolder } from '@chat/testkit';
import { expect, test } from 'vitest';
import { OpenFiles } from '../../src/node/open-files.ts';

/** Returns which files of a folder this process has open; null where the system does not tell. */
async function openIn(folder: string): Promise<readonly string[] | null> {
  if (process.platform !== 'linux') return null;
  const descriptors = await readdir('/proc/self/fd');
  const targets = await Promise.all(descriptors.map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder)).sort();
}

async function setUp(count: number) {
  const { path } = temporaryFolder();
  const paths = Array.from({ length: count }, (_, index) => join(path, `file${index}`));
  for (const [index, file] of paths.entries()) await writeFile(file, `content ${index}`);
  /** Resolves when so many of the files are open. */
  const open = async (expected: number) => {
    while (![null, expected].includes((await openIn(path))?.length ?? null)) await setImmediate();
  };
  return { paths, open };
}

test('reads at any place, many at a time, and keeps no more than 32 files open', async () => {
  const { paths, open } = await setUp(50);
  const files = new OpenFiles();
  const reads = paths.flatMap((path, index) =>
    [0, 8].map(
      async (position) =>
        String(await files.read(path, position, 3)) === `content ${index}`.slice(position, position + 3),
    ),
  );
  expect(await Promise.all(reads)).not.toContain(false);
  expect(String(await files.read(paths[49] ?? '', 5, 100))).toBe('nt 49');
  await open(32);
  await files.close();
  await open(0);
});

test('closes a file that is removed, after the reads that are under way, and opens it anew', async () => {
  const { paths, open } = await setUp(2);
  const [first = '', second = ''] = paths;
  const files = new OpenFiles();
  await files.read(second, 0, 1);
  const reading = files.read(first, 0, 9);
  files.forget([first, second]);
  expect(String(await reading)).toBe('content 0');
  await rm(first);
  expect(await rejectedCode(files.read(first, 0, 1))).toBe('ENOENT');
  await writeFile(first, 'another');
  expect(String(await files.read(first, 0, 9))).toBe('another');
  await files.close();
  await open(0);
});

test('leaves no file open that is read after the end', async () => {
  const { paths, open } = await setUp(1);
  const files = new OpenFiles();
  await files.close();
  expect(String(await files.read(paths[0] ?? '', 0, 7))).toBe('content');
  await files.close();
  await open(0);
});
