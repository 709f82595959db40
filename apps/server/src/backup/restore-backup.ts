/**
 * Restores a backup into an empty data directory. Everything is written into a folder of its own there and checked, and only then moved to its place.
 * While that folder is there, no server starts, so that a restore which was cut off never counts as a server.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '@chat/durable-files';
import { openSqliteStore, StoreError } from '@chat/store-sqlite';
import { CommandError, fileAccessError } from '../command-error.ts';
import {
  type DataDirectory,
  dataDirectory,
  lockDirectory,
  prepareDirectory,
  unlockDirectory,
} from '../data/data-directory.ts';
import { examineAuthority } from '../data/examine-authority.ts';
import { examineStore } from '../data/examine-store.ts';
import { type BackupFile, backedUpNames, type Contents, damagedBackup, readBackup } from './backup-format.ts';

/** Where a backup is and where it goes. */
export interface RestoreOrder {
  readonly directory: DataDirectory;
  readonly file: string;
  /** Null when none is given. */
  readonly password: string | null;
  /** The password of the CA's keys; undefined when none is given. */
  readonly caPassword: string | undefined;
  /** Milliseconds. */
  readonly now: number;
}

/** A backup that was restored. */
export interface Restored {
  readonly contents: Contents;
  /** Number of enrolment invitations that can be used (again). */
  readonly openInvitations: number;
  /** Number of wraps in an earlier form that the update of the store has deleted. */
  readonly wrapsDeleted: number;
  /** False when the CA's key is encrypted and its password was not given. */
  readonly isKeyChecked: boolean;
}

/** What may stand in an empty data directory: locks, the configuration, what a file system has of its own, and the files of users, which no backup has. */
const ignored: ReadonlySet<string> = new Set([
  'server.lock',
  'server.pid',
  'backup.lock',
  'config.toml',
  'lost+found',
  'blobs',
]);
/** The invitations that are counted. */
const maxInvitations = 10_000;

/**
 * Restores a backup.
 *
 * @throws CommandError `file-access`, `backup-damaged`, `backup-password`, `data-too-new`, `data-directory` when the directory is not empty,
 *   `data-in-use`
 */
export async function restoreBackup(order: RestoreOrder): Promise<Restored> {
  const { directory, file: path, password } = order;
  await using file = await open(path, 'r').catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  await prepareDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    await requireEmpty(directory);
    return await restore(order, { file, path, password });
  } catch (error) {
    const isSystems = error instanceof Error && error.name === 'Error' && 'syscall' in error;
    throw isSystems ? fileAccessError('write to', directory.path, error) : error;
  } finally {
    await unlockDirectory(directory, lock);
  }
}

/** Removes what a restore that was cut off has left: no server has used it. */
async function requireEmpty({ path, restoring }: DataDirectory): Promise<void> {
  const names = (await readdir(path)).filter((name) => !ignored.has(name));
  if (names.length === 0) return;
  const isCutOff = names.includes('restoring');
  if (!isCutOff) {
    throw new CommandError(
      'data-directory',
      `${path} is not empty, and a restore replaces nothing: move its files away, or name another directory with --data.`,
    );
  }
  for (const name of backedUpNames) await rm(join(path, name), { force: true });
  await rm(restoring, { recursive: true });
}

async function restore({ directory, caPassword, now }: RestoreOrder, backup: BackupFile): Promise<Restored> {
  const { path, restoring } = directory;
  await mkdir(restoring, { mode: 0o700 });
  try {
    const contents = await readBackup(backup, (name, content) => writeFile(join(restoring, name), content));
    const checked = await requireSound(dataDirectory(restoring, {}), backup.path, { contents, caPassword, now });
    await syncDirectory(restoring);
    await syncDirectory(path);
    // The record last: without it every command says that no server was started here.
    const names = contents.files
      .map(({ name }) => name)
      .sort((a, b) => Number(a === 'server.json') - Number(b === 'server.json'));
    for (const name of names) await rename(join(restoring, name), join(path, name));
    await syncDirectory(path);
    await rmdir(restoring);
    await syncDirectory(path);
    return { contents, ...checked };
  } catch (error) {
    // What was moved already goes first: while the folder is there, no server starts.
    for (const name of backedUpNames) await rm(join(path, name), { force: true });
    await rm(restoring, { recursive: true, force: true });
    throw error;
  }
}

async function writeFile(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using file: FileHandle = await open(path, 'wx', 0o600);
  for await (const piece of content) await file.writeFile(piece);
  await file.sync();
}

/** Checks the files as `chat-server check` does. The store of an earlier version is brought to this one. */
async function requireSound(
  directory: DataDirectory,
  path: string,
  { contents, caPassword, now }: { readonly contents: Contents } & Pick<RestoreOrder, 'caPassword' | 'now'>,
): Promise<Omit<Restored, 'contents'>> {
  const { faults, isKeyChecked, fingerprint } = await examineAuthority(directory, caPassword);
  if (faults.length > 0 || fingerprint !== contents.ca) throw damagedBackup(path, faults);
  let wrapsDeleted = 0;
  const noted = (count: number) => {
    wrapsDeleted = count;
  };
  try {
    const store = await openSqliteStore(directory.store, { create: false, wrapsDeleted: noted });
    try {
      const report = await examineStore(store);
      if (report.faults.length > 0) throw damagedBackup(path, report.faults);
      const openInvitations = (await store.openInvitations(now, maxInvitations)).length;
      return { openInvitations, wrapsDeleted, isKeyChecked };
    } finally {
      await store.close();
    }
  } catch (error) {
    const isDamage = error instanceof StoreError && (error.code === 'store-damaged' || error.code === 'store-missing');
    throw isDamage ? damagedBackup(path, error) : error;
  }
}

/**
 * Requires that no restore into the directory was cut off.
 *
 * @throws CommandError `data-directory`
 */
export function requireNoRestore({ path, restoring }: DataDirectory): void {
  if (!existsSync(restoring)) return;
  throw new CommandError(
    'data-directory',
    `A restore into ${path} was cut off: run "chat-server restore" again, which begins anew, or remove the directory.`,
  );
}
