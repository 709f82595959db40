/** `revoke` and `users`, whether a server runs or not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCrl } from '@chat/mini-ca';
import { openSqliteStore } from '@chat/store-sqlite';
import { longTest, rejectedCode } from '@chat/testkit';
import { describe, expect, test } from 'vitest';
import { revoke } from '../../../src/commands/accounts/revoke.ts';
import { users } from '../../../src/commands/accounts/users.ts';
import { dataDirectory, lockDirectory, unlockDirectory } from '../../../src/data/data-directory.ts';
import { run, startIn, temporaryDirectory } from '../../support/server-process.ts';

/** Registers users as the server does. The digit of each stands for the identity key. */
async function register(data: string, digits: Readonly<Record<string, string>>): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'), { create: false });
  for (const [user, digit] of Object.entries(digits)) {
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

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Runs a command in this process and returns its output. */
async function printed(command: (context: Parameters<typeof users>[1]) => Promise<void>): Promise<string> {
  const lines: string[] = [];
  await command({ environment: {}, ask: null, print: (line) => void lines.push(line), hasWarnings: () => {} });
  return lines.join('\n');
}

const revoking = (data: string, user: string, json = false) =>
  printed((context) => revoke({ user, data, json, yes: true, reason: 'unspecified' }, context));
const listing = (data: string, json = false) => printed((context) => users({ data, json }, context));

describe('revoke', () => {
  test('asks the running server and reports what it did; a second time changes nothing', async () => {
    const data = temporaryDirectory();
    const server = await startIn(data);
    await register(data, { bob: 'b', 'bob-phone': 'b', alice: 'a' });
    const first = await run(['revoke', 'bob', '--data', data, '--reason', 'keyCompromise', '--yes']);
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^The access of bob is revoked since /);
    expect(first.out).toContain('the identity key is the same: bob-phone.');
    const since = await revokedAt(data, 'bob');
    expect(JSON.parse(await revoking(data, 'bob', true))).toEqual({
      users: ['bob', 'bob-phone'],
      since,
      running: true,
      connections: 0,
      rooms: 0,
      certificates: 0,
    });
    expect(await rejectedCode(revoking(data, 'mallory'))).toBe('unknown-user');

    const list = await run(['users', '--data', data, '--json']);
    expect(jsonLines(list.out)).toMatchObject([
      { user: 'alice', fingerprint: 'a'.repeat(64), revoked: null, connections: 0 },
      { user: 'bob', revoked: { at: since, reason: 'keyCompromise' } },
      { user: 'bob-phone', revoked: { at: since, reason: 'keyCompromise' } },
    ]);
    await server.kill('SIGTERM');
  });

  longTest('marks the account in the store when no server runs, also after a killed one', async () => {
    const data = temporaryDirectory();
    await (await startIn(data)).kill('SIGKILL');
    await register(data, { bob: 'b' });
    expect(await rejectedCode(revoking(data, 'mallory'))).toBe('unknown-user');
    expect(await revoking(data, 'bob')).toContain('No server is running');
    const since = await revokedAt(data, 'bob');
    expect(Date.parse(since)).toBeGreaterThan(1_000);
    expect(JSON.parse(await revoking(data, 'bob', true))).toEqual({ users: ['bob'], since, running: false });
    expect(await listing(data)).toMatch(/^bob +b{16} .* revoked /);

    // Each start publishes a new list of revoked certificates.
    const listNumber = () => readCrl(readFileSync(join(data, 'ca.crl'), 'utf8')).number;
    expect(listNumber()).toBe(1n);
    await (await startIn(data)).kill('SIGTERM');
    expect(listNumber()).toBe(2n);
  });

  test('changes nothing while another process holds the data and does not answer', async () => {
    const data = temporaryDirectory();
    await (await startIn(data)).kill('SIGTERM');
    await register(data, { bob: 'b' });
    const directory = dataDirectory(data, {});
    const lock = await lockDirectory(directory);
    const refused = revoking(data, 'bob');
    await expect(refused).rejects.toThrow(/try again/);
    expect(await rejectedCode(refused)).toBe('data-in-use');
    await unlockDirectory(directory, lock);
    expect(await listing(data)).not.toContain('revoked');
  });

  test('requires a server that was started before', async () => {
    const data = temporaryDirectory();
    expect(await rejectedCode(revoking(data, 'bob'))).toBe('not-started');
    expect(await rejectedCode(listing(data))).toBe('not-started');
  });
});

longTest('users lists all accounts, whatever their number', async () => {
  const data = temporaryDirectory();
  const server = await startIn(data);
  expect(await listing(data)).toBe('There are no accounts yet.');
  const names = Array.from({ length: 401 }, (_, index) => `user-${String(index).padStart(3, '0')}`);
  await register(data, Object.fromEntries(names.map((name) => [name, 'a'])));
  const listed = async () => jsonLines(await listing(data, true)).map(({ user }) => user);
  expect(await listed()).toEqual(names);
  await server.kill('SIGTERM');
  expect(await listed()).toEqual(names);
});
