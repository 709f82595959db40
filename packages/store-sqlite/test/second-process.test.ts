/** Several processes with one file. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild } from '@chat/testkit';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { entryAt, roomId } from './support/entry.ts';
import { temporaryFile } from './support/temporary-file.ts';

const inviter = new URL('./support/inviter.ts', import.meta.url);

const run = (program: URL, ...args: string[]) => {
  const words = ['--conditions=@chat/source', fileURLToPath(program), ...args];
  return startChild(process.execPath, words, { input: 'open' });
};

const done = { code: 0, signal: null };

describe('a second process', () => {
  test('writes while the first one writes', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    const child = run(inviter, path, '0', '5');
    let seq = 0;
    while (!child.hasEnded) await store.append(entryAt(1, ++seq));
    expect(await child.ended).toMatchObject(done);
    expect((await store.load(roomId(1)))?.head).toBe(seq);
    const account = { user: 'bob', fingerprint: 'f', identity: new Uint8Array(1), enrolledAt: 1 };
    expect(await store.register(account, 'token 4')).toBe('registered');
    await store.close();
  });

  test.skipIf(process.platform === 'win32')('sees the locks of a process that has opened the file twice', async () => {
    const path = temporaryFile();
    const store = await openSqliteStore(path);
    await store.append(entryAt(1, 1));
    await (await openSqliteStore(path)).close();
    // A process that finds no locks of others removes the log when it closes the file.
    expect(await run(inviter, path, '0', '1').ended).toMatchObject(done);
    expect(existsSync(`${path}-wal`)).toBe(true);
    await store.append(entryAt(1, 2));
    const other = new Sqlite(path, { readonly: true });
    expect(other.prepare('SELECT count(*) AS n FROM entries').get()).toEqual({ n: 2 });
    other.close();
    await store.close();
  });

  test('creates the same store when several processes create it at once', async () => {
    const path = temporaryFile();
    const children = [0, 10, 20].map((from) => run(inviter, path, String(from), '10'));
    for (const { ended } of children) expect(await ended).toMatchObject(done);
    const store = await openSqliteStore(path, { create: false });
    for (let index = 0; index < 30; index++) {
      const account = { user: `user-${index}`, fingerprint: 'f', identity: new Uint8Array(1), enrolledAt: 1 };
      expect(await store.register(account, `token ${index}`)).toBe('registered');
    }
    await store.close();
  });
});
