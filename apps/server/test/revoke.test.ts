/** `revoke` and `users`, while the server runs and while it does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCrl } from '@chat/mini-ca';
import { openSqliteStore } from '@chat/store-sqlite';
import { describe, expect, test } from 'vitest';
import { Complaint } from '../src/command-error.ts';
import { revoke } from '../src/commands/revoke.ts';
import { users } from '../src/commands/users.ts';
import { dataDirectory, lockDirectory, unlockDirectory } from '../src/data/data-directory.ts';
import { run, startIn, temporaryDirectory } from './server-process.ts';

/** Registers people as the server would: their names, and a digit that stands for the key of each. */
async function register(data: string, people: Readonly<Record<string, string>>): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  for (const [user, digit] of Object.entries(people)) {
    const fingerprint = digit.repeat(64);
    await store.register({ user, fingerprint, identity: new Uint8Array(1), enrolledAt: 1_000 }, null);
  }
  await store.close();
}

async function revokedAt(data: string, user: string): Promise<string> {
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  const account = await store.findAccount(user);
  await store.close();
  return new Date(account?.revoked?.at ?? 0).toISOString();
}

/** What a command prints, in this process. */
async function printed(command: (surroundings: Parameters<typeof users>[1]) => Promise<void>): Promise<string> {
  const lines: string[] = [];
  await command({ environment: {}, print: (line) => void lines.push(line) });
  return lines.join('\n');
}

const revoking = (data: string, user: string, json = false) =>
  printed((surroundings) => revoke({ name: 'revoke', user, data, json }, surroundings));
const listing = (data: string, json = false) =>
  printed((surroundings) => users({ name: 'users', data, json }, surroundings));

describe('revoke', () => {
  test('asks the server that runs, and says what was done; again it changes nothing', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data);
    await register(data, { bob: 'b', robert: 'b', ada: 'a' });
    const first = await run(['revoke', 'bob', '--data', data, '--reason', 'keyCompromise']);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^bob has no access any more/);
    expect(first.out).toContain('registered as robert');
    const since = await revokedAt(data, 'bob');
    expect(JSON.parse(await revoking(data, 'bob', true))).toEqual({
      users: ['bob', 'robert'],
      since,
      running: true,
      connections: 0,
      rooms: 0,
      certificates: 0,
    });
    await expect(revoking(data, 'nobody')).rejects.toMatchObject({ code: 'unknown-user' });

    const list = await run(['users', '--data', data, '--json']);
    expect(JSON.parse(list.out)).toMatchObject([
      { user: 'ada', fingerprint: 'a'.repeat(64), revoked: null, connections: 0 },
      { user: 'bob', revoked: { at: since, reason: 'keyCompromise' } },
      { user: 'robert', revoked: { at: since, reason: 'keyCompromise' } },
    ]);
    await server.kill('SIGTERM');
  });

  test('goes into the data where none runs, also after one was killed', async () => {
    const data = temporaryDirectory();
    await (await startIn(data)).kill('SIGKILL');
    await register(data, { bob: 'b' });
    await expect(revoking(data, 'nobody')).rejects.toBeInstanceOf(Complaint);
    expect(await revoking(data, 'bob')).toContain('No server runs here now');
    const since = await revokedAt(data, 'bob');
    expect(Date.parse(since)).toBeGreaterThan(1_000);
    expect(JSON.parse(await revoking(data, 'bob', true))).toEqual({ users: ['bob'], since, running: false });
    expect(await listing(data)).toMatch(/^bob +b{16} .* revoked /);

    // Every start leaves a list of what is revoked.
    const listNumber = () => readCrl(readFileSync(join(data, 'ca.crl'), 'utf8')).number;
    expect(listNumber()).toBe(1n);
    await (await startIn(data)).kill('SIGTERM');
    expect(listNumber()).toBe(2n);
  });

  test('while somebody else has the data and does not answer it changes nothing', async () => {
    const data = temporaryDirectory();
    await (await startIn(data)).kill('SIGTERM');
    await register(data, { bob: 'b' });
    const directory = dataDirectory(data, {});
    const lock = await lockDirectory(directory);
    await expect(revoking(data, 'bob')).rejects.toThrow(/try again/);
    await unlockDirectory(directory, lock);
    expect(await listing(data)).not.toContain('revoked');
  });

  test('needs a server that was started once', async () => {
    const data = temporaryDirectory();
    await expect(revoking(data, 'bob')).rejects.toBeInstanceOf(Complaint);
    await expect(listing(data)).rejects.toBeInstanceOf(Complaint);
  });
});

test('everybody is listed, however many there are', async () => {
  const data = temporaryDirectory();
  const server = await startIn(data);
  expect(await listing(data)).toBe('Nobody is registered yet.');
  const names = Array.from({ length: 401 }, (_, index) => `user-${String(index).padStart(3, '0')}`);
  await register(data, Object.fromEntries(names.map((name) => [name, 'a'])));
  const listed = async () => (JSON.parse(await listing(data, true)) as { user: string }[]).map(({ user }) => user);
  expect(await listed()).toEqual(names);
  await server.kill('SIGTERM');
  expect(await listed()).toEqual(names);
});
