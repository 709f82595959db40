/** A lock has one holder among all processes, and ends with it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, temporaryFolder } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { lockFile } from '../src/index.ts';

const holder = fileURLToPath(new URL('./support/lock-holder.ts', import.meta.url));
const lockPath = () => join(temporaryFolder().path, 'lock');

const startHolder = (path: string) =>
  startChild(process.execPath, ['--expose-gc', '--conditions=@chat/source', holder, path], { input: 'open' });

describe('a lock', () => {
  test('has one holder, and is free after its release', () => {
    const path = lockPath();
    const lock = lockFile(path);
    expect(lock).not.toBeNull();
    expect(lockFile(path)).toBeNull();
    lock?.release();
    const next = lockFile(path);
    expect(next).not.toBeNull();
    next?.release();
  });

  test('is a private, empty file that stays', () => {
    const path = lockPath();
    lockFile(path)?.release();
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).size).toBe(0);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test.skipIf(process.platform === 'win32')(
    'excludes another process also after this process has tried to take it twice',
    async () => {
      const path = lockPath();
      const lock = lockFile(path);
      expect(lockFile(path)).toBeNull();
      const child = startHolder(path);
      await child.prints(/^refused\n$/);
      await child.kill('SIGKILL');
      lock?.release();
    },
  );

  test('outlives every reference to it, and ends with the process that holds it', async () => {
    const path = lockPath();
    const child = startHolder(path);
    await child.prints(/^held\n$/);
    expect(lockFile(path)).toBeNull();
    await child.kill('SIGKILL');
    const lock = lockFile(path);
    expect(lock).not.toBeNull();
    lock?.release();
  });
});
