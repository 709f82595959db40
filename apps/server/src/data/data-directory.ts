/** The directory with all files of a server. It is private to its owner, and one server at a time uses it. */
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FileLock, lockFile } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { CommandError, fileAccessError } from '../command-error.ts';

/** The paths of a data directory and of the files in it. */
export interface DataDirectory {
  readonly path: string;
  readonly authorityCertificate: string;
  readonly authorityKey: string;
  /** The CA that is announced, until its time has come. */
  readonly nextAuthorityCertificate: string;
  readonly nextAuthorityKey: string;
  /** All CAs of this server. Missing until a second one is announced. */
  readonly chain: string;
  readonly store: string;
  /** The folder with the files that users have sent. */
  readonly blobs: string;
  readonly record: string;
  /** Stands from before the CA is created until the store is. Without it, a store that is missing beside a CA was lost. */
  readonly firstStart: string;
  readonly revocationList: string;
  readonly adminSocket: string;
  /** The folder in which a restore writes before everything is checked. */
  readonly restoring: string;
}

/** Returns the paths of the directory `given`, or of the default one. */
export function dataDirectory(given: string | undefined, environment: Readonly<Record<string, string | undefined>>) {
  const shared = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const path = resolve(given ?? join(shared, 'chat-server'));
  return {
    path,
    authorityCertificate: join(path, 'ca.pem'),
    authorityKey: join(path, 'ca-key.pem'),
    nextAuthorityCertificate: join(path, 'ca-next.pem'),
    nextAuthorityKey: join(path, 'ca-next-key.pem'),
    chain: join(path, 'ca-chain.json'),
    store: join(path, 'chat.db'),
    blobs: join(path, 'blobs'),
    record: join(path, 'server.json'),
    firstStart: join(path, 'first-start'),
    revocationList: join(path, 'ca.crl'),
    adminSocket: join(path, 'admin.sock'),
    restoring: join(path, 'restoring'),
  } satisfies DataDirectory;
}

/**
 * Creates the directory, or checks the one that exists. It must belong to this system user. When other users can read it, it
 * is made private if it holds nothing but a configuration, or a server's files; with other files in it, it may be shared on purpose and is refused.
 *
 * @throws CommandError `data-directory`, `file-access`
 */
export async function prepareDirectory({ path }: DataDirectory): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new CommandError('data-directory', `${path} is not a directory: name another one with --data.`);
    }
    throw fileAccessError('create the data directory', path, error);
  }
  if (process.platform === 'win32') return;

  const { mode, uid } = await stat(path);
  if (uid !== process.getuid?.()) {
    throw new CommandError('data-directory', `${path} belongs to another user: name another directory with --data.`);
  }
  if ((mode & 0o077) === 0) return;
  try {
    const names = (await readdir(path)).filter((name) => name !== 'config.toml');
    if ((mode & 0o1000) !== 0 || !(names.length === 0 || names.includes('ca-key.pem'))) {
      throw new CommandError(
        'data-directory',
        `Other users can read ${path}, and it holds other files: name a directory for the server alone with --data.`,
      );
    }
    await chmod(path, 0o700);
  } catch (error) {
    throw error instanceof CommandError ? error : fileAccessError('use the data directory', path, error);
  }
}

/**
 * Locks the directory for this process. The operating system ends the lock with the process. Returns null while another
 * process holds the lock.
 *
 * @throws CommandError `file-access`
 */
export async function claimDirectory({ path }: DataDirectory): Promise<FileLock | null> {
  try {
    const lock = lockFile(join(path, 'server.lock'));
    if (lock !== null) await writeFile(pidFileOf(path), `${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    throw fileAccessError('write to the data directory', path, error);
  }
}

/**
 * Locks the directory for this process.
 *
 * @throws CommandError `data-in-use` while another process holds the lock
 */
export async function lockDirectory(directory: DataDirectory): Promise<FileLock> {
  const lock = await claimDirectory(directory);
  if (lock !== null) return lock;
  const { path } = directory;
  const pid = await serverPid(directory);
  throw new CommandError(
    'data-in-use',
    `Another server${pid === null ? '' : ` (process ${pid})`} uses ${path}: stop it first, or name another directory with --data.`,
  );
}

/** Returns the process that uses the directory, according to its own note; null when none has left one. */
export async function serverPid({ path }: DataDirectory): Promise<number | null> {
  const text = await readFile(pidFileOf(path), 'utf8').catch(() => '');
  return /^\d+\n$/.test(text) ? Number(text) : null;
}

/** Releases the lock. */
export async function unlockDirectory({ path }: DataDirectory, lock: FileLock): Promise<void> {
  await rm(pidFileOf(path), { force: true });
  lock.release();
}

const pidFileOf = (path: string): string => join(path, 'server.pid');
