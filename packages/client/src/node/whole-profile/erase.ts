/** Erases a profile of this machine, and opens again one that was exported. */
import { readdir, readlink, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { removeSynced, syncDirectory } from '@chat/durable-files';
import { lockProfile, type ProfileSummary } from '../profile-files.ts';
import { profilePaths } from '../profile-paths.ts';
import { removeFence } from './fence.ts';
import { erasedName, removeTransient } from './home.ts';

/** Returns where the symbolic links of a profile lead. */
async function linkedFrom(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const links = entries.filter((entry) => entry.isSymbolicLink());
  const targets = await Promise.all(
    links.map(async ({ parentPath, name }) => resolve(parentPath, await readlink(join(parentPath, name)))),
  );
  return targets.sort();
}

/**
 * Erases a profile. It is gone for all programs in one step, and then the files that stand in its folder itself, which are those with keys, are
 * removed before everything else. After a crash the next listing of profiles removes the rest. Needs no password, and no connection: the
 * server keeps the user's name and memberships.
 *
 * @returns where symbolic links in the profile lead: the links are erased, and what is there is not
 * @throws ClientError `profile-in-use`
 */
export async function eraseProfile({ directory }: ProfileSummary): Promise<readonly string[]> {
  const lock = lockProfile(directory);
  try {
    const linked = await linkedFrom(directory);
    const home = dirname(directory);
    const erased = join(home, erasedName());
    await rename(directory, erased);
    await syncDirectory(home);
    const entries = await readdir(erased, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    await removeSynced(
      erased,
      files.filter((name) => name !== basename(profilePaths(erased).lock)),
    );
    await removeTransient(erased);
    await syncDirectory(home);
    return linked;
  } finally {
    lock.release();
  }
}

/**
 * Opens an exported profile again, because the export was never imported. If it was, the server refuses the one of the two that was not the last in
 * use (`used-elsewhere`).
 *
 * @throws ClientError `not-moved`, `profile-in-use`
 */
export async function takeBack({ directory }: ProfileSummary): Promise<void> {
  const lock = lockProfile(directory);
  try {
    await removeFence(directory);
  } finally {
    lock.release();
  }
}
