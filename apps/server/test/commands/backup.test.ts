/** Backups beside a running server and without one, and what is restored of them. */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteStore } from '@chat/store-sqlite';
import { longTest } from '@chat/testkit';
import { expect, test } from 'vitest';
import { backedUpNames, backupBytes } from '../../src/backup/backup-format.ts';
import { filledRoom, fillStore, writeRooms } from '../support/filled-store.ts';
import { run, startIn, temporaryDirectory } from '../support/server-process.ts';

const isPosix = process.platform !== 'win32';

async function headsIn(data: string, rooms: readonly string[]): Promise<readonly number[]> {
  const store = await openSqliteStore(join(data, 'chat.db'), { readOnly: true });
  const heads = await Promise.all(rooms.map(async (room) => (await store.load(room))?.head ?? 0));
  await store.close();
  return heads;
}

/** Exchanges an entry of the room for one that does not fit its hashes. */
async function damage(data: string): Promise<void> {
  const store = await openSqliteStore(join(data, 'chat.db'));
  await store.repair(filledRoom, {
    ...{ seq: 2, at: 2, hash: 'a'.repeat(64), logHash: 'b'.repeat(64) },
    entry: { type: 'message', payload: new Uint8Array(9), by: 'b'.repeat(64), signature: new Uint8Array(9) },
  });
  await store.close();
}

test('a backup that is made while 50 writers write has all that was acknowledged before it began', async () => {
  const folder = temporaryDirectory();
  const [data, file, restored] = [join(folder, 'data'), join(folder, 'backup'), join(folder, 'restored')];
  const server = await startIn(data);
  const writers = await writeRooms(data, 50);
  await writers.until(500);
  const before = writers.acknowledged();
  const making = run(['backup', file, '--json', '--data', data]);
  const made = await making;
  const during = writers.acknowledged();
  await writers.stop();
  expect(made).toMatchObject({ code: 0, err: '' });
  // The writers did not wait for the backup.
  expect(during.reduce((sum, head) => sum + head, 0)).toBeGreaterThan(before.reduce((sum, head) => sum + head, 0));
  await server.kill('SIGKILL');

  expect(await run(['restore', file, '--data', restored])).toMatchObject({ code: 0, err: '' });
  const heads = await headsIn(restored, writers.rooms);
  for (const [at, head] of heads.entries()) expect(head, `room ${at}`).toBeGreaterThanOrEqual(before[at] ?? 0);
  expect(JSON.parse(made.out)).toMatchObject({ rooms: 50, entries: heads.reduce((sum, head) => sum + head, 0) });
  expect(await run(['check', '--data', restored])).toMatchObject({ code: 0, err: '' });
});

test('a backup is private, replaces nothing, and changes nothing in the data directory but its record', async () => {
  const folder = temporaryDirectory();
  const [data, file] = [join(folder, 'data'), join(folder, 'backup')];
  await (await startIn(data)).kill('SIGTERM');
  await fillStore(data, 2);
  const filesIn = async () => {
    // A reader of the store leaves an empty log.
    const names = (await readdir(data)).filter((name) => !/^backup|-wal$|-shm$/.test(name)).sort();
    const digest = async (name: string) =>
      createHash('sha256')
        .update(await readFile(join(data, name)))
        .digest('hex');
    return Promise.all(names.map(async (name) => `${name} ${await digest(name)}`));
  };
  const before = await filesIn();
  const made = await run(['backup', file, '--data', data]);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toMatch(/rooms 1, entries 3, accounts 0.*not encrypted/s);
  expect(await filesIn()).toEqual(before);
  if (isPosix) expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).sort()).toEqual(['backup', 'data']);

  const bytes = await readFile(file);
  const again = await run(['backup', file, '--data', data]);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('replaces none') });
  expect((await readFile(file)).equals(bytes)).toBe(true);
  expect((await run(['backup', join(folder, 'none', 'b'), '--data', data])).err).toContain('There is no folder');
  expect((await run(['backup', `${file}2`, '--data', folder])).err).toContain('No server was ever started');
  expect(JSON.parse(await readFile(join(data, 'backups.json'), 'utf8'))).toMatchObject({
    last: { file, bytes: bytes.length, encrypted: false },
    failure: { reason: expect.stringContaining('no folder') },
  });
});

longTest('a damaged store gives no backup, and a damaged backup gives no server', async () => {
  const folder = temporaryDirectory();
  const [data, file, target] = [join(folder, 'data'), join(folder, 'backup'), join(folder, 'target')];
  await (await startIn(data)).kill('SIGTERM');
  await fillStore(data, 2);
  await run(['backup', file, '--data', data]);
  const bytes = await readFile(file);
  const middle = bytes.lastIndexOf(Buffer.from(filledRoom, 'hex').subarray(0, 4));
  const at = middle > 0 ? middle : bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(file, bytes);
  const refused = await run(['restore', file, '--data', target]);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('damaged or incomplete') });
  expect(await readdir(target)).toEqual(['server.lock']);

  await damage(data);
  const made = await run(['backup', `${file}2`, '--data', data]);
  expect(made).toMatchObject({ code: 1, err: expect.stringContaining('chat-server check') });
  expect((await readdir(folder)).sort()).toEqual(['backup', 'data', 'target']);
});

longTest(
  'a backup that is whole gives no server either when its store is damaged, or its CA is not the one it names',
  async () => {
    const folder = temporaryDirectory();
    const [data, target] = [join(folder, 'data'), join(folder, 'target')];
    const server = await startIn(data);
    const { fingerprint = '' } = server.invitation;
    await server.kill('SIGTERM');
    await fillStore(data, 2);
    /** Restores what is in the data directory now, whatever it is, in a file without a fault of its own. */
    const restoring = async (ca: string) => {
      const there = await readdir(data);
      const names = backedUpNames.filter((name) => there.includes(name));
      const found = new Map(
        await Promise.all(names.map(async (name) => [name, await readFile(join(data, name))] as const)),
      );
      const files = [...found].map(([name, { length }]) => ({ name, bytes: length }));
      const contents = { madeAt: 1, ca, rooms: 1, entries: 3, accounts: 0, files };
      const file = join(folder, 'backup');
      await writeFile(
        file,
        backupBytes(contents, (name) => [found.get(name) ?? new Uint8Array()], null),
      );
      return run(['restore', file, '--data', target]);
    };
    const refused = { code: 1, err: expect.stringContaining('damaged or incomplete') };
    expect(await restoring('a'.repeat(64))).toMatchObject(refused);
    expect(await readdir(target)).toEqual(['server.lock']);
    expect(await restoring(fingerprint)).toMatchObject({ code: 0, err: '' });
    await rm(target, { recursive: true });
    await damage(data);
    expect(await restoring(fingerprint)).toMatchObject(refused);
    expect(await readdir(target)).toEqual(['server.lock']);
  },
);

longTest('an encrypted backup opens with its password, also when the key of the CA has one of its own', async () => {
  const folder = temporaryDirectory();
  const [data, file, target] = [join(folder, 'data'), join(folder, 'backup'), join(folder, 'target')];
  const [caPassword, password] = [join(folder, 'ca-password'), join(folder, 'password')];
  await writeFile(caPassword, 'of the key\n');
  await writeFile(password, 'of the backup\n');
  const environment = { CHAT_CA_PASSWORD_FILE: caPassword };
  await (await startIn(data, [], environment)).kill('SIGTERM');
  const made = await run(['backup', file, '--password-file', password, '--data', data], environment);
  expect(made).toMatchObject({ code: 0, err: '' });
  expect((await readFile(file)).includes('server.json')).toBe(false);
  expect((await run(['restore', file, '--data', target])).err).toContain('--password-file');
  await writeFile(`${password}-wrong`, 'of another backup\n');
  expect((await run(['restore', file, '--password-file', `${password}-wrong`, '--data', target])).err).toMatch(
    /does not open/,
  );
  expect(await readdir(target)).toEqual(['server.lock']);
  // Without the password of the key it is restored, and says what it could not compare.
  const restored = await run(['restore', file, '--password-file', password, '--data', target]);
  expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('CHAT_CA_PASSWORD_FILE') });
  expect(await run(['check', '--data', target], environment)).toMatchObject({ code: 0 });
  expect(await run(['check', '--data', target])).toMatchObject({ code: 3 });
});

longTest('a restore replaces nothing, and no server starts from one that was cut off', async () => {
  const folder = temporaryDirectory();
  const [data, file, target] = [join(folder, 'data'), join(folder, 'backup'), join(folder, 'target')];
  await (await startIn(data)).kill('SIGTERM');
  await run(['backup', file, '--data', data]);
  expect((await run(['restore', file, '--data', data])).err).toContain('is not empty');
  expect(await run(['check', '--data', data])).toMatchObject({ code: 0 });
  await mkdir(join(target, 'restoring'), { recursive: true });
  await chmod(target, 0o700);
  await writeFile(join(target, 'ca.pem'), 'moved to its place before the machine stopped');
  expect((await run(['--data', target])).err).toContain('was cut off');
  expect(await run(['restore', file, '--data', target])).toMatchObject({ code: 0, err: '' });
  await rm(file);
  const server = await startIn(target);
  expect(server.invitation.fingerprint).toBe(
    JSON.parse(await readFile(join(data, 'server.json'), 'utf8')).caFingerprint,
  );
  await server.kill('SIGTERM');
});
