/** The directory with everything that a server keeps: private to its user, and used by one server at a time. */
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FileLock, lockFile } from '@chat/store-sqlite';
import { Complaint, cannot, systemCode } from '../command-error.ts';

/** Where things are in a data directory. */
export interface DataDirectory {
  readonly path: string;
  readonly authorityCertificate: string;
  readonly authorityKey: string;
  readonly store: string;
  readonly record: string;
  readonly revocationList: string;
  readonly adminSocket: string;
}

export function dataDirectory(given: string | undefined, environment: Readonly<Record<string, string | undefined>>) {
  const shared = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  const path = resolve(given ?? join(shared, 'chat-server'));
  return {
    path,
    authorityCertificate: join(path, 'ca.pem'),
    authorityKey: join(path, 'ca-key.pem'),
    store: join(path, 'chat.db'),
    record: join(path, 'server.json'),
    revocationList: join(path, 'ca.crl'),
    adminSocket: join(path, 'admin.sock'),
  } satisfies DataDirectory;
}

/**
 * Makes the directory, or checks the one that is there: it must be this user's. One that others can look into is closed
 * to them when it holds a server's files or none; holding anything else it may be shared on purpose, and is refused.
 */
export async function prepareDirectory({ path }: DataDirectory): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new Complaint(`${path} is not a directory: name another with --data.`);
    throw cannot('make the data directory', path, error);
  }
  if (process.platform === 'win32') return;

  const { mode, uid } = await stat(path);
  if (uid !== process.getuid?.()) {
    throw new Complaint(`${path} belongs to another user: name another directory with --data.`);
  }
  if ((mode & 0o077) === 0) return;
  try {
    const names = await readdir(path);
    if ((mode & 0o1000) !== 0 || !(names.length === 0 || names.includes('ca-key.pem'))) {
      throw new Complaint(
        `${path} is open to other users and holds other things: name a directory of its own with --data.`,
      );
    }
    await chmod(path, 0o700);
  } catch (error) {
    throw error instanceof Complaint ? error : cannot('use the data directory', path, error);
  }
}

/** Takes the directory for this process; the lock ends with the process, however that ends. Null while another has it. */
export async function claimDirectory({ path }: DataDirectory): Promise<FileLock | null> {
  try {
    const lock = lockFile(join(path, 'server.lock'));
    if (lock !== null) await writeFile(holderOf(path), `${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    throw cannot('write to the data directory', path, error);
  }
}

/** The same; throws `Complaint` while another has it. */
export async function lockDirectory(directory: DataDirectory): Promise<FileLock> {
  const lock = await claimDirectory(directory);
  if (lock !== null) return lock;
  const { path } = directory;
  const pid = await readFile(holderOf(path), 'utf8').then(
    (text) => ` (process ${text.trim()})`,
    () => '',
  );
  throw new Complaint(`Another server${pid} uses ${path}: stop it first, or name another directory with --data.`);
}

/** Ends the claim that one of these made. */
export async function unlockDirectory({ path }: DataDirectory, lock: FileLock): Promise<void> {
  await rm(holderOf(path), { force: true });
  lock.release();
}

const holderOf = (path: string): string => join(path, 'server.pid');
