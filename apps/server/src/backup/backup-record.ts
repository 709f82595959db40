/** `backups.json`: when the last backup of the data directory was made, and why the last attempt failed if it did. */
import { join } from 'node:path';
import { readIfThere, writeAtomically } from '@chat/durable-files';
import { z } from 'zod';
import type { DataDirectory } from '../data/data-directory.ts';

const time = z.int().min(0);
const schema = z.object({
  version: z.literal(1),
  /** The last backup that was made; null when there is none. */
  last: z.object({ at: time, file: z.string(), bytes: time, encrypted: z.boolean() }).nullable(),
  /** The last attempt, if it failed. */
  failure: z.object({ at: time, reason: z.string() }).nullable(),
});
/** The content of `backups.json`. */
export type BackupRecord = z.infer<typeof schema>;

const none: BackupRecord = { version: 1, last: null, failure: null };

const pathOf = ({ path }: DataDirectory): string => join(path, 'backups.json');

/** Returns the record. No command depends on it, so one that cannot be read is as one that is not there. */
export async function readBackupRecord(directory: DataDirectory): Promise<BackupRecord> {
  try {
    return schema.parse(JSON.parse((await readIfThere(pathOf(directory))) ?? ''));
  } catch {
    return none;
  }
}

const write = (directory: DataDirectory, record: BackupRecord): Promise<void> =>
  writeAtomically(pathOf(directory), `${JSON.stringify(record, null, 2)}\n`);

/** Records a backup. */
export const recordBackup = (directory: DataDirectory, last: NonNullable<BackupRecord['last']>): Promise<void> =>
  write(directory, { version: 1, last, failure: null });

/** Records why an attempt failed. On a disk that takes nothing it records nothing: the command itself has said why. */
export async function recordFailure(directory: DataDirectory, at: number, reason: string): Promise<void> {
  const { last } = await readBackupRecord(directory);
  await write(directory, { version: 1, last, failure: { at, reason } }).catch(() => undefined);
}
