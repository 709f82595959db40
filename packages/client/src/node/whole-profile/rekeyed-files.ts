/**
 * The files of a change of the password that stand beside those that count. `identity.pem` decides: it is replaced in one step, and then
 * they take the place of the others, the state last. So a state that stands beside and opens with the key shows what is still to be done.
 */
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { readIfThere, removeSynced, renameSynced } from '@chat/durable-files';
import { profilePaths } from '../profile-paths.ts';

/** Puts the files under the new password in the place of the others. To be called when `identity.pem` is under it, also again. */
export async function placeRekeyed(directory: string): Promise<void> {
  const { state, nextIdentity, rekeyedState, rekeyedNextIdentity } = profilePaths(directory);
  if ((await readIfThere(rekeyedNextIdentity)) !== null) await renameSynced(rekeyedNextIdentity, nextIdentity);
  await renameSynced(rekeyedState, state);
}

/** Removes what a change of the password or a write that was cut off has left, and what counts for nothing. */
export async function removeLeftovers(directory: string): Promise<void> {
  const { rekeyedState, rekeyedNextIdentity } = profilePaths(directory);
  const beside = [rekeyedState, rekeyedNextIdentity].map((path) => basename(path));
  const names = await readdir(directory);
  // A draft of `writeAtomically`: nothing else writes while the caller has the profile's lock.
  await removeSynced(
    directory,
    names.filter((name) => beside.includes(name) || name.endsWith('.new')),
  );
}
