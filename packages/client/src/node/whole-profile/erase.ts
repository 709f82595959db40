/** Erases a profile of this machine, and opens again one that was exported. */
import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeSynced, syncDirectory } from '@chat/durable-files';
import { lockProfile, type ProfileSummary } from '../profile-files.ts';
import { profilePaths } from '../profile-paths.ts';
import { removeFence } from './fence.ts';
import { erasedName } from './home.ts';

/**
 * Erases a profile. It is gone for all programs in one step, and then its keys are removed before everything else. After a crash the next
 * listing of profiles removes the rest. Needs no password, and no connection: the server keeps the user's name and memberships.
 *
 * @throws ClientError `profile-in-use`
 */
export async function eraseProfile({ directory }: ProfileSummary): Promise<void> {
  const lock = lockProfile(directory);
  try {
    const home = dirname(directory);
    const erased = join(home, erasedName(randomBytes(8).toString('hex')));
    await rename(directory, erased);
    await syncDirectory(home);
    const { identity, nextIdentity, state, nextState } = profilePaths(erased);
    await removeSynced(
      erased,
      [identity, nextIdentity, state, nextState].map((path) => basename(path)),
    );
    await rm(erased, { recursive: true, force: true });
    await syncDirectory(home);
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
