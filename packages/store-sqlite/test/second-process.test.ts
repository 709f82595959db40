/** Several processes on one file, and the lock that keeps them apart where only one may be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { lockFile, openSqliteStore } from '../src/index.ts';
import { entryAt, roomId } from './entry.ts';
import { temporaryFile } from './temporary-file.ts';

const inviter = new URL('./inviter.ts', import.meta.url);
const lockHolder = new URL('./lock-holder.ts', import.meta.url);

const run = (script: URL, ...args: string[]) =>
  spawn(process.execPath, ['--conditions=@chat/source', fileURLToPath(script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });

describe('a second process', () => {
  test('writes while the first one does', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    const child = run(inviter, path, '0', '5');
    let running = true;
    const exited = once(child, 'exit').finally(() => {
      running = false;
    });
    let seq = 0;
    while (running) await store.append(entryAt(1, ++seq));
    expect(await exited).toEqual([0, null]);
    expect((await store.load(roomId(1)))?.head).toBe(seq);
    const account = { user: 'bob', fingerprint: 'f', identity: new Uint8Array(1), enrolledAt: 1 };
    expect(await store.register(account, 'token 4')).toBe('registered');
    await store.close();
  });

  test('processes that create a store at the same time create one', async () => {
    const path = temporaryFile();
    const children = [0, 10, 20].map((from) => run(inviter, path, String(from), '10'));
    expect(await Promise.all(children.map((child) => once(child, 'exit')))).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ]);
    const store = await openSqliteStore(path, { create: false });
    for (let index = 0; index < 30; index++) {
      const account = { user: `user-${index}`, fingerprint: 'f', identity: new Uint8Array(1), enrolledAt: 1 };
      expect(await store.register(account, `token ${index}`)).toBe('registered');
    }
    await store.close();
  });
});

describe('a lock', () => {
  test('has one holder, and is free again once released', () => {
    const path = temporaryFile();
    const lock = lockFile(path);
    expect(lock).not.toBeNull();
    expect(lockFile(path)).toBeNull();
    lock?.release();
    const next = lockFile(path);
    expect(next).not.toBeNull();
    next?.release();
  });

  test('ends with the process that holds it', async () => {
    const path = temporaryFile();
    const child = run(lockHolder, path);
    await once(child.stdout, 'data');
    expect(lockFile(path)).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = lockFile(path);
    expect(lock).not.toBeNull();
    lock?.release();
  });
});
