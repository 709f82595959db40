/** What the operator learns of the stored data, beside a running server and without one. */
import { chmod, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '@chat/store-sqlite';
import { longTest } from '@chat/testkit';
import { expect, test } from 'vitest';
import { fillStore, filledRoom as room } from '../support/filled-store.ts';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

function spoil(data: string, sql: string): void {
  const database = new DatabaseSync(join(data, 'chat.db'));
  database.exec(sql);
  database.close();
}

test('check finds each damaged row, and the list of rooms shows sizes', async () => {
  const data = temporaryDirectory();
  const server = await startIn(data);
  await fillStore(data, 2);
  const sound = await run(['check', '--json', '--data', data]);
  expect(sound).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(sound.out)).toEqual({ rooms: 1, entries: 3, accounts: 0, faults: [], warnings: [] });
  const listed = JSON.parse((await run(['rooms', '--json', '--data', data])).out);
  expect(listed).toEqual({
    ...{ room, name: 'den', members: 1, entries: 3, bytes: 56, lastAt: '1970-01-01T00:00:00.003Z' },
    deleted: 0,
    retention: { ageMs: null, messages: null, bytes: null },
  });

  const store = await openSqliteStore(join(data, 'chat.db'));
  await store.register({ user: 'bob', fingerprint: 'c'.repeat(64), identity: new Uint8Array(1), enrolledAt: 1 }, null);
  await store.close();
  const key = "UPDATE accounts SET identity = x'01'; UPDATE members SET role = 'moderator'";
  spoil(data, `UPDATE entries SET payload = x'00' WHERE seq = 2; ${key}`);
  const damaged = await run(['check', '--json', '--data', data]);
  expect(damaged).toMatchObject({ code: 1 });
  expect(JSON.parse(damaged.out).faults).toEqual([
    { kind: 'row', table: 'accounts', row: 'bob' },
    { kind: 'row', table: 'members', row: `${room} alice` },
    { kind: 'entry', room, seq: 2 },
  ]);
  expect((await run(['check', '--data', data])).out).toContain('entry 2 is damaged');
  await server.kill('SIGTERM');

  spoil(data, 'DELETE FROM entries WHERE seq = 2');
  expect(JSON.parse((await run(['check', '--json', '--data', data])).out).faults).toEqual([
    { kind: 'row', table: 'accounts', row: 'bob' },
    { kind: 'row', table: 'members', row: `${room} alice` },
    { kind: 'missing', room, seq: 2 },
  ]);
});

test.each([true, false])('a room is deleted only with --yes, while a server runs: %s', async (runs) => {
  const data = temporaryDirectory();
  const server = await startIn(data);
  await fillStore(data, 2);
  if (!runs) await server.kill('SIGTERM');
  const asked = await run(['delete-room', 'den', '--data', data]);
  expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('3 entries') });
  expect(await run(['delete-room', 'den', '--yes', '--data', data])).toMatchObject({ code: 0 });
  expect((await run(['rooms', '--json', '--data', data])).out).toBe('');
  expect((await run(['delete-room', 'den', '--yes', '--data', data])).err).toContain('no room den');
});

longTest('check finds files of the CA that do not belong together, and files that others can read', async () => {
  const [data, other] = [temporaryDirectory(), temporaryDirectory()];
  for (const each of [data, other]) await (await startIn(each)).kill('SIGTERM');
  await chmod(join(data, 'chat.db'), 0o644);
  const open = await run(['check', '--data', data]);
  if (process.platform !== 'win32') {
    expect(open).toMatchObject({
      code: 3,
      err: '',
      out: expect.stringContaining(`chmod 600 ${join(data, 'chat.db')}`),
    });
  }
  const ports = ['--enrol-port', '0', '--chat-port', '0'];
  const found = await run(['doctor', '--json', ...ports, '--data', data]);
  expect(found).toMatchObject({ code: 1, err: expect.stringContaining('To mend: ') });
  const findings = found.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const problems = findings.filter(({ level }) => level === 'problem');
  expect(new Set(problems.map(({ about }) => about))).toEqual(new Set(['files']));
  expect(problems.map(({ remedy }) => remedy)).toContain(`chmod 600 ${join(data, 'chat.db')}`);
  expect(findings.map(({ about }) => about)).toEqual(
    expect.arrayContaining(['node', 'store', 'clock', 'CA key', 'backup']),
  );
  // Both only look: the mode is as it was.
  expect((await stat(join(data, 'chat.db'))).mode & 0o777).toBe(0o644);

  await copyFile(join(other, 'ca-key.pem'), join(data, 'ca-key.pem'));
  const wrong = await run(['check', '--json', '--data', data]);
  expect(wrong.code).toBe(1);
  expect(JSON.parse(wrong.out).faults).toEqual([
    { kind: 'file', detail: expect.stringContaining('is not the key of') },
  ]);
});
