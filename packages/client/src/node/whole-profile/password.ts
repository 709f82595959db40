/**
 * The password of a profile: another one, or the same one at the present cost of a guess. Both write the identity key under a new salt,
 * and so the state under a new secret. The archive stays, because its key is in the state.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readIfThere, removeSynced, writeAtomically } from '@chat/durable-files';
import { changePassword, needsRehash, unlockKeyFile } from '@chat/signatures';
import { ClientError } from '../../errors.ts';
import { locked, type ProfileSummary } from '../profile-files.ts';
import { type OpenFiles, openFiles } from '../profile-key.ts';
import { profilePaths } from '../profile-paths.ts';
import { createSealedFile } from '../sealed-file.ts';
import { placeRekeyed, removeLeftovers } from './rekeyed-files.ts';

/** Two passwords, which may be the same. */
interface Passwords {
  readonly before: string;
  readonly after: string;
}

/** Returns a key file under the new password, and the secret that it has then. It is opened, to be sure that it opens. */
async function rekeyed(path: string, { before, after }: Passwords): Promise<{ pem: string; secret: Uint8Array }> {
  const pem = changePassword(await readFile(path, 'utf8'), before, after);
  return { pem, secret: (await unlockKeyFile(pem, after)).secret };
}

/** Writes the key of a renewal that has begun under the new password, beside the other one. Without it the account could be lost. */
async function rekeyRenewal(directory: string, passwords: Passwords): Promise<void> {
  const { nextIdentity, rekeyedNextIdentity } = profilePaths(directory);
  if ((await readIfThere(nextIdentity)) === null) return;
  const { pem } = await rekeyed(nextIdentity, passwords).catch((cause: unknown) => {
    throw new ClientError(
      'profile-damaged',
      `The file ${nextIdentity} of a renewal that has begun cannot be read: restore it from a backup, or remove it.`,
      { cause },
    );
  });
  await writeAtomically(rekeyedNextIdentity, pem);
}

/** Puts an open profile under the new password. A crash at any moment leaves one that opens with one of the two. */
async function rekey(directory: string, { stored, archiveKey }: OpenFiles, passwords: Passwords): Promise<void> {
  const { identity, nextState, rekeyedState } = profilePaths(directory);
  const { pem, secret } = await rekeyed(identity, passwords);
  // A renewal that has begun writes it again.
  await removeSynced(directory, [basename(nextState)]);
  await rekeyRenewal(directory, passwords);
  const { eraseOthers } = await createSealedFile(rekeyedState, secret, stored, archiveKey);
  await writeAtomically(identity, pem);
  await placeRekeyed(directory);
  await removeLeftovers(directory);
  await eraseOthers();
}

/**
 * Changes the password of a profile. When it resolves, the password before opens nothing that the profile has on the disk. Needs no
 * connection.
 *
 * @param after called when the profile is open, so that a wrong password is found before a new one is asked for
 * @throws ClientError `wrong-password`, `profile-in-use`, `profile-damaged`, `profile-outdated`; and what `after` throws
 */
export function changeProfilePassword(
  profile: ProfileSummary,
  before: string,
  after: () => Promise<string>,
): Promise<void> {
  const { directory } = profile;
  return locked(directory, async (lock) => {
    const opened = await openFiles(profile, before);
    await rekey(directory, opened, { before, after: await after() });
    lock.release();
  });
}

/**
 * Returns the files of a profile, after it has put them under the same password at the present cost if a guess at it costs less. If that
 * cannot be stored, the next opening tries again.
 */
export async function atPresentCost(profile: ProfileSummary, opened: OpenFiles, password: string): Promise<OpenFiles> {
  const { directory } = profile;
  if (!needsRehash(await readFile(profilePaths(directory).identity, 'utf8'))) return opened;
  // A disk that is full or read-only leaves the profile as it was, or under the new key.
  await rekey(directory, opened, { before: password, after: password }).catch(() => undefined);
  return openFiles(profile, password);
}
