/**
 * Makes a backup, beside a running server and without one. The store is copied as it is at one moment, the copy is checked, and the file gets its name
 * when it is complete, on the disk, and was read back.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, link, open, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { lockFile, syncDirectory } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { defaultLimits } from '@chat/server-core';
import { copyBytes, copySqliteStore, openSqliteStore } from '@chat/store-sqlite';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { examineAuthority } from '../data/examine-authority.ts';
import { examineStore, type StoreReport } from '../data/examine-store.ts';
import {
  type BackedUpName,
  backedUpNames,
  backupBytes,
  type Contents,
  type FileSource,
  readBackup,
} from './backup-format.ts';
import { readSmallFiles, type SmallFiles } from './directory-files.ts';

/** What a backup is made of, and where it goes. */
export interface BackupOrder {
  readonly directory: DataDirectory;
  /** The absolute path of the backup. */
  readonly file: string;
  /** Null for a backup that is not encrypted. */
  readonly password: string | null;
  /** The password of the CA's keys; undefined when none is given. */
  readonly caPassword: string | undefined;
  /** Returns milliseconds. */
  readonly clock: () => number;
}

/** A backup that was made. */
export interface BackupMade {
  readonly contents: Contents;
  readonly bytes: number;
  /** False when the CA's key is encrypted and its password was not given. */
  readonly isKeyChecked: boolean;
}

const fileExists = (file: string): CommandError =>
  new CommandError('file-exists', `There is a file ${file} already, and a backup replaces none: name another one.`);

/**
 * Makes a backup. After a failure there is no file under its name.
 *
 * @throws CommandError `file-exists`, `file-access`, `backup-in-progress`, `damaged-data`, `no-space`; StoreError
 */
export async function makeBackup(order: BackupOrder): Promise<BackupMade> {
  const { directory, file, password } = order;
  await requireFree(file);
  const lock = lockBackups(directory);
  // Of this data directory and this file alone: another backup does not meet it, and the next one replaces what a crash has left.
  const draft = `${file}.${createHash('sha256').update(directory.path).digest('hex').slice(0, 8)}.new`;
  // What is in the clear stays on the disk of the server.
  const copy = password === null ? `${draft}.db` : join(directory.path, 'backup.db.new');
  try {
    await removeDrafts(draft, copy);
    await requireSpace(order, copy);
    return await make(order, { draft, copy });
  } catch (error) {
    throw asFileError(error, file);
  } finally {
    await removeDrafts(draft, copy);
    lock.release();
  }
}

async function removeDrafts(draft: string, copy: string): Promise<void> {
  await rm(draft, { force: true });
  await removeCopy(copy);
}

/** SQLite makes files beside the copy. */
async function removeCopy(copy: string): Promise<void> {
  for (const path of [copy, `${copy}-wal`, `${copy}-shm`, `${copy}-journal`]) await rm(path, { force: true });
}

/** A message for errors of the system, which name no file here but that of the backup and those beside it. */
const asFileError = (error: unknown, file: string): unknown =>
  error instanceof Error && error.name === 'Error' && 'syscall' in error
    ? fileAccessError('write', file, error)
    : error;

async function requireFree(file: string): Promise<void> {
  const folder = await stat(dirname(file)).catch(() => null);
  if (folder?.isDirectory() !== true) {
    throw new CommandError('file-access', `There is no folder ${dirname(file)}: create it, or name another file.`);
  }
  if ((await stat(file).catch(() => null)) !== null) throw fileExists(file);
}

/** One backup at a time: they would be read from one disk. */
function lockBackups({ path }: DataDirectory) {
  const lock = lockFile(join(path, 'backup.lock'));
  if (lock !== null) return lock;
  throw new CommandError('backup-in-progress', `Another backup of ${path} is being made: try again when it is done.`);
}

/** Requires space for all that a backup writes, and leaves what a server on the same disk needs to go on. */
async function requireSpace({ directory, file, password }: BackupOrder, copy: string): Promise<void> {
  const bytes = copyBytes(directory.store);
  const isOneDisk = (await stat(dirname(copy))).dev === (await stat(dirname(file))).dev;
  const needs =
    password === null || isOneDisk
      ? [[dirname(file), 2 * bytes] as const]
      : [[dirname(copy), bytes] as const, [dirname(file), bytes] as const];
  for (const [folder, needed] of needs) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= needed + defaultLimits.storageReserveBytes) continue;
    const [free, least] = [bavail * bsize, needed + defaultLimits.storageReserveBytes].map((each) =>
      Math.round(each / 2 ** 20),
    );
    throw new CommandError(
      'no-space',
      `The backup needs ${least} MiB on the disk of ${folder}, which has ${free} MiB: free some space, or name a file on another disk.`,
    );
  }
}

/** Files that are not published yet. */
interface Drafts {
  readonly draft: string;
  /** The copy of the store. */
  readonly copy: string;
}

async function make(order: BackupOrder, { draft, copy }: Drafts): Promise<BackupMade> {
  const { directory, file, caPassword, clock } = order;
  let small: SmallFiles = new Map();
  let madeAt = 0;
  await copySqliteStore(directory.store, copy, {
    // After the moment of the copy: what the CAs have done is in the store before it is in these files.
    chosen: async () => {
      madeAt = clock();
      small = await readSmallFiles(directory);
    },
  });
  const [report, { faults, isKeyChecked, fingerprint }] = [
    await examineCopy(copy),
    await examineAuthority(directory, caPassword),
  ];
  const found = report.faults.length + faults.length;
  if (found > 0 || fingerprint === null) {
    throw new CommandError(
      'damaged-data',
      `There is no backup, because ${directory.path} is damaged in ${found} places, which "chat-server check" lists: mend them first.`,
    );
  }
  const contents = await contentsOf(report, { madeAt, ca: fingerprint, small, copy });
  const source = (name: BackedUpName) => {
    const bytes = small.get(name);
    return bytes === undefined ? createReadStream(copy) : [bytes];
  };
  const bytes = await write(draft, order, { contents, source });
  // Before the backup is there, because nothing removes the copy after a crash once the name is taken.
  await removeCopy(copy);
  await publish(draft, file);
  return { contents, bytes, isKeyChecked };
}

/** Parts of a backup that were read. */
interface Found {
  readonly madeAt: number;
  readonly ca: string;
  readonly small: SmallFiles;
  readonly copy: string;
}

async function contentsOf(
  { rooms, entries, accounts }: StoreReport,
  { madeAt, ca, small, copy }: Found,
): Promise<Contents> {
  const storeBytes = (await stat(copy)).size;
  const files = backedUpNames.flatMap((name) => {
    const bytes = name === 'chat.db' ? storeBytes : small.get(name)?.length;
    return bytes === undefined ? [] : [{ name, bytes }];
  });
  return { madeAt, ca, rooms, entries, accounts, files };
}

/** Writes the draft, syncs it, and reads it back. Returns its size. */
async function write(
  draft: string,
  { file, password }: BackupOrder,
  { contents, source }: { readonly contents: Contents; readonly source: FileSource },
): Promise<number> {
  await using output = await open(draft, 'wx+', 0o600);
  for await (const piece of backupBytes(contents, source, password)) await output.writeFile(piece);
  await output.sync();
  await requireStored(output, file, { password, contents });
  return (await output.stat()).size;
}

async function examineCopy(path: string): Promise<StoreReport> {
  const store = await openSqliteStore(path, { readOnly: true });
  try {
    return await examineStore(store);
  } finally {
    await store.close();
  }
}

/** Reads the file back: that the disk has taken less than it confirmed must be found before the file counts as a backup. */
async function requireStored(
  output: FileHandle,
  path: string,
  { password, contents }: { readonly password: string | null; readonly contents: Contents },
): Promise<void> {
  const found = await readBackup({ file: output, path, password }, async (_name, content) => {
    for await (const _piece of content);
  }).catch(() => null);
  if (JSON.stringify(found) === JSON.stringify(contents)) return;
  throw new CommandError(
    'file-access',
    `The disk has not stored all of the backup, so there is none: free some space in ${dirname(path)}, or name a file on another disk.`,
  );
}

/** File systems without hard links refuse one with these codes. */
const noLinks: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Gives the draft its name, if no file has it. */
async function publish(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileExists(file);
    if (!noLinks.has(codeOf(error) ?? '')) throw error;
    // A renaming would replace a file, so the name is reserved first. A crash between leaves an empty file, which is no backup.
    await (await open(file, 'wx', 0o600)).close();
    await rename(draft, file);
  }
  await syncDirectory(dirname(file));
}
