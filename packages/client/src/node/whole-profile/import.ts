/** Imports a profile from the file of an export. */
import { type FileHandle, open, readdir, rename } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { syncDirectory } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { SignatureError, unlockKeyFile } from '@chat/signatures';
import { ClientError } from '../../errors.ts';
import { pinnedIn } from '../authority-file.ts';
import { makePrivateDirectory, type ProfileSummary, readProfile } from '../profile-files.ts';
import { readFiles } from '../profile-key.ts';
import { profileDirectory } from '../profile-paths.ts';
import { damaged, type ExportHead, readExport, readHead } from './export-format.ts';
import { createStaging, removeTransient } from './home.ts';

/** Creates a file of the profile with its folder. */
async function create(path: string): Promise<FileHandle> {
  try {
    await makePrivateDirectory(dirname(path));
    return await open(path, 'wx', 0o600);
  } catch (error) {
    // Another path of the export is the same for this file system, or is in the way as a file or a folder.
    if (['EEXIST', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) throw damaged(error);
    throw error;
  }
}

async function writeFile(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await create(path);
  let bytes = 0;
  for await (const piece of content) {
    await file.writeFile(piece);
    bytes += piece.length;
  }
  await file.sync();
  if ((await file.stat()).size !== bytes) {
    throw new ClientError(
      'not-stored',
      `The disk has not stored all of ${path}, so nothing was imported: free some space there, or import into another directory with --home.`,
    );
  }
}

/** Opens the key in the head, from which the key of the rest is derived. */
async function secretOf({ identity }: ExportHead, password: string): Promise<Uint8Array> {
  try {
    return (await unlockKeyFile(identity, password)).secret;
  } catch (cause) {
    if (cause instanceof SignatureError && (cause.code === 'wrong-password' || cause.code === 'empty-password')) {
      throw new ClientError('wrong-password', 'That is not the password that the profile had when it was exported.', {
        cause,
      });
    }
    throw new ClientError('export-damaged', 'The key in the export cannot be read. Nothing was imported.', { cause });
  }
}

/** Returns the profile in a folder; throws if it does not open, because then it is of no use anywhere else either. */
async function verified(directory: string, password: string): Promise<ProfileSummary> {
  const file = await readProfile(directory);
  if (file === null || !file.enrolled) {
    throw new ClientError('export-damaged', 'The export contains no profile. Nothing was imported.');
  }
  const { user, host, port, authority: serverId } = file;
  const profile = { user, host, port, serverId, pinned: (await pinnedIn(directory)) ?? serverId, directory };
  await readFiles(profile, password);
  return profile;
}

/** Syncs a folder and those in it. */
async function syncAll(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncAll(join(directory, entry.name));
  }
  await syncDirectory(directory);
}

const taken = ({ user, host, port }: ProfileSummary, directory: string, isListed: boolean): string =>
  isListed
    ? `This machine has a profile of ${user} at ${host}:${port} already, in ${directory}, and it was left as it is. If it is the one that was exported, "chat take-back" uses it again. Otherwise erase it with "chat logout", or import into another directory with --home.`
    : `The folder ${directory} stands where the profile would be, and was left as it is. It has no profile that could be opened, but what is left of one: of an enrolment of ${user} that was not finished, or of a damaged profile. Move it elsewhere, or import into another directory with --home.`;

/** Gives the folder of the import the name of the profile. A folder that is there and not empty is not replaced. */
export async function settle(home: string, staged: ProfileSummary): Promise<ProfileSummary> {
  const { user, serverId } = staged;
  const directory = profileDirectory(home, user, serverId);
  await syncAll(staged.directory);
  try {
    await rename(staged.directory, directory);
  } catch (cause) {
    // Windows says EPERM. Elsewhere that is another failure, unless the folder is there.
    const isThere = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(cause) ?? '') && (await isFilled(directory));
    if (!isThere) throw cause;
    const found = await readProfile(directory).catch(() => null);
    throw new ClientError('already-here', taken(staged, directory, found?.enrolled === true), { cause });
  }
  await syncDirectory(home);
  return { ...staged, directory };
}

const isFilled = (directory: string): Promise<boolean> =>
  readdir(directory).then(
    (names) => names.length > 0,
    () => false,
  );

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new ClientError('no-file', `There is no file ${path}.`, { cause });
  }
}

/**
 * Imports a profile. It appears in `home` in one step, after all of the export was found to be whole: a crash leaves nothing, or all of it.
 *
 * @param home the directory of all profiles
 * @param file the file of an export
 * @param password the one that the profile had when it was exported
 * @throws ClientError `no-file`, `export-damaged`, `wrong-password`, `already-here`, `not-stored`, `profile-damaged`, `profile-outdated`
 */
export async function importProfile(home: string, file: string, password: string): Promise<ProfileSummary> {
  await makePrivateDirectory(home);
  await using input = await opened(resolve(file));
  const head = await readHead(input);
  const secret = await secretOf(head, password);
  const { directory, lock } = await createStaging(home);
  try {
    await readExport(input, { head, secret }, (name, content) => writeFile(join(directory, name), content));
    return await settle(home, await verified(directory, password));
  } catch (error) {
    await removeTransient(directory).catch(() => undefined);
    throw error;
  } finally {
    lock.release();
  }
}
