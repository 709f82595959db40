/**
 * Folders in the directory of all profiles that are none: an import that is being written, and a profile that is being erased. Their names
 * begin with a dot. What a crash has left of them is removed when the profiles are listed next.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from '@chat/durable-files';
import { profilePaths } from '../profile-paths.ts';

const [staging, erased] = ['.import-', '.erased-'];

/** Returns the name of the folder of an import. */
export const stagingName = (id: string): string => `${staging}${id}`;

/** Returns the name of the folder of a profile that is being erased. */
export const erasedName = (id: string): string => `${erased}${id}`;

/** Returns whether a folder is no profile. */
export const isTransient = (name: string): boolean => name.startsWith(staging) || name.startsWith(erased);

/** Removes a folder unless a process is at work on it. */
async function removeLeft(directory: string): Promise<void> {
  const lock = lockFile(profilePaths(directory).lock);
  if (lock === null) return;
  try {
    await rm(directory, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}

/** Removes what crashes have left in the directory of all profiles. If that fails, the next call tries again. */
export async function sweepHome(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (isTransient(name)) await removeLeft(join(home, name)).catch(() => undefined);
  }
}
