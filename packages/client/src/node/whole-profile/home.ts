/**
 * Folders in the directory of all profiles that are none: an import that is being written, and a profile that is being erased. Their names
 * begin with a dot. What a crash has left of them is removed when the profiles are listed next. Each has a lock from before anything else is
 * written to it until nothing else is left, so a folder without one is not of this program.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type FileLock, lockFile } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { profilePaths } from '../profile-paths.ts';

/** The names of such folders. */
const names = /^\.(?:import|erased)-[0-9a-f]{16}$/;
/** How often a folder is created anew because another process has removed it before it was locked. */
const attempts = 5;

const freshId = (): string => randomBytes(8).toString('hex');

/** Returns the name of a folder for a profile that is being erased. */
export const erasedName = (): string => `.erased-${freshId()}`;

/** Returns whether a folder is no profile. */
export const isTransient = (name: string): boolean => names.test(name);

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Locks a folder; null if another process does, or has removed it meanwhile. */
async function lockFolder(directory: string): Promise<FileLock | null> {
  const { lock: path } = profilePaths(directory);
  try {
    const lock = lockFile(path);
    if (lock === null || (await isThere(path))) return lock;
    // The process that had the lock before has removed the file.
    lock.release();
  } catch (error) {
    if (await isThere(directory)) throw error;
  }
  return null;
}

/** Creates the folder of an import in the directory of all profiles, and locks it. No other process removes it then. */
export async function createStaging(home: string): Promise<{ readonly directory: string; readonly lock: FileLock }> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const directory = join(home, `.import-${freshId()}`);
    await mkdir(directory, { mode: 0o700 });
    const lock = await lockFolder(directory);
    if (lock !== null) return { directory, lock };
  }
  throw new Error(`Other processes have removed each new folder in ${home}.`);
}

/** Removes a folder that is empty. Another process may be writing to one that is not, or its system keeps a file there that is open. */
async function removeEmpty(directory: string): Promise<void> {
  await rmdir(directory).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOTEMPTY') throw error;
  });
}

/** Removes a locked folder, the lock last: what a crash leaves of it is found again. */
export async function removeTransient(directory: string): Promise<void> {
  const { lock } = profilePaths(directory);
  const others = (await readdir(directory)).filter((name) => name !== basename(lock));
  for (const name of others) await rm(join(directory, name), { recursive: true, force: true });
  await rm(lock, { force: true });
  await removeEmpty(directory);
}

/** Removes a folder unless a process is at work on it. */
async function removeLeft(directory: string): Promise<void> {
  if (!(await isThere(profilePaths(directory).lock))) {
    // A crash came before the folder had its lock, or after that was removed. One that is not empty is of another program.
    return removeEmpty(directory);
  }
  const lock = await lockFolder(directory);
  if (lock === null) return;
  try {
    await removeTransient(directory);
  } finally {
    lock.release();
  }
}

/** Removes what crashes have left in the directory of all profiles. If that fails, the next call tries again. */
export async function sweepHome(home: string): Promise<void> {
  for (const entry of await readdir(home, { withFileTypes: true })) {
    if (entry.isDirectory() && isTransient(entry.name)) await removeLeft(join(home, entry.name)).catch(() => undefined);
  }
}
