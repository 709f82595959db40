/** Daily backups: one each day, so many kept, nothing deleted after a failure, and no other file touched. */
import { access, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBackupRecord, recordBackup } from '../../src/backup/backup-record.ts';
import { BackupSchedule } from '../../src/backup/backup-schedule.ts';
import { dataDirectory } from '../../src/data/data-directory.ts';
import { silentLog } from '../../src/log.ts';
import { temporaryDirectory } from '../support/server-process.ts';

const dayMs = 24 * 60 * 60 * 1_000;
const backup = (day: string) => `chat-server-${day}.backup`;

/** A program in place of `chat-server`, which writes the file that it is asked for, or fails. */
const making = ['-e', "require('fs').writeFileSync(process.argv[2], 'backup')"];
const failing = ['-e', "process.stderr.write('chat-server: There is no space.'); process.exit(1)"];

async function scheduled() {
  const root = temporaryDirectory();
  const directory = dataDirectory(join(root, 'data'), {});
  const folder = join(root, 'backups');
  for (const path of [directory.path, folder]) await mkdir(path);
  const logged: unknown[][] = [];
  const log = { ...silentLog, error: (...line: unknown[]) => void logged.push(line) };
  /** Runs a schedule until it has looked once. */
  const look = async (program: readonly string[], now: number, until: () => Promise<boolean>) => {
    const schedule = new BackupSchedule(
      { directory, log, clock: () => now, caPasswordFile: null, program: [process.execPath, ...program] },
      { folder, kept: 2, passwordFile: null },
    );
    schedule.start();
    schedule.start();
    await expect.poll(until, { timeout: 120_000 }).toBe(true);
    await schedule.stop();
  };
  const names = async () => (await readdir(folder)).sort();
  const has = (name: string) => () =>
    access(join(folder, name)).then(
      () => true,
      () => false,
    );
  return { directory, folder, logged, look, names, has };
}

test('a schedule keeps the latest backups, and removes nothing else but what a crash has left of its own', async () => {
  const { folder, look, names, has } = await scheduled();
  const now = Date.parse('2030-06-03T01:00:00Z');
  const others = ['chat-server-2029.backup', 'notes', `${backup('2030-05-30')}.old`];
  const before = [backup('2030-05-30'), backup('2030-06-01'), backup('2030-06-02')];
  const left = `${backup('2030-06-02')}.0123abcd.new.db-wal`;
  for (const name of [...others, ...before, left]) await writeFile(join(folder, name), '');
  // The oldest go after the new one is there.
  await look(making, now, async () => (await has(backup('2030-06-03'))()) && !(await has(backup('2030-06-01'))()));
  expect(await names()).toEqual([...others, backup('2030-06-02'), backup('2030-06-03')].sort());
});

test('a failure is logged and recorded with its reason, and deletes nothing', async () => {
  const { directory, folder, logged, look, names } = await scheduled();
  const now = Date.parse('2030-06-03T01:00:00Z');
  const before = [backup('2030-05-30'), backup('2030-06-01'), backup('2030-06-02')];
  for (const name of before) await writeFile(join(folder, name), '');
  await recordBackup(directory, { at: now - dayMs, file: 'f', bytes: 1, encrypted: false });
  await look(failing, now, async () => (await readBackupRecord(directory)).failure !== null);
  expect(await names()).toEqual(before);
  expect(logged).toEqual([[{ reason: 'There is no space.' }, 'the daily backup failed']]);
  expect(await readBackupRecord(directory)).toMatchObject({
    last: { file: 'f' },
    failure: { at: now, reason: 'There is no space.' },
  });
});
