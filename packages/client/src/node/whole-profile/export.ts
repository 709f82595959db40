/** Exports a profile into one encrypted file, and closes it here: it is in use at one place only. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { syncDirectory } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import { locked, type ProfileSummary } from '../profile-files.ts';
import { openFiles } from '../profile-key.ts';
import { profilePaths } from '../profile-paths.ts';
import { systemScheduler } from '../scheduler.ts';
import { type ExportedFile, exportBytes, headOf, isExportable } from './export-format.ts';
import { fence, removeFence } from './fence.ts';

/** Returns the files of a profile. Those that belong to this place, and what the system puts into folders, stay here. */
async function exportedFiles(directory: string): Promise<readonly ExportedFile[]> {
  const { lock, fence: moved } = profilePaths(directory);
  const files: ExportedFile[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path).split(sep).join('/');
    if (!entry.isFile() || [lock, moved].includes(path) || name.endsWith('.new') || !isExportable(name)) continue;
    files.push({ path: name, bytes: (await stat(path)).size });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

const exists = (path: string): ClientError =>
  new ClientError('file-exists', `There is a file ${path} already, and an export replaces none: name another one.`);

/** Creates a file of mode 0600 that does not exist yet. */
async function create(path: string, target: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(target);
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new ClientError('no-folder', `There is no folder ${dirname(target)}: create it, or name another file.`, {
      cause: error,
    });
  }
}

/**
 * Gives the draft its name, if no file has it. The name is reserved first, because a renaming would replace a file. After a failure no file
 * has the name, so no export stands beside a profile that is open.
 */
async function publish(draft: string, target: string): Promise<void> {
  await (await create(target, target)).close();
  try {
    await rename(draft, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    await rm(target, { force: true });
    throw error;
  }
}

/**
 * Exports a profile. The order is: the file under another name, the fence around the profile, the name. So a crash leaves a profile that
 * is open and no export, or a closed profile, which `takeBack` opens again.
 *
 * @param file it must not exist
 * @returns the absolute path of the file
 * @throws ClientError `file-exists`, `no-folder`, `profile-moved`, `wrong-password`, `profile-in-use`, `profile-damaged`
 */
export function exportProfile(profile: ProfileSummary, password: string, file: string): Promise<string> {
  const { directory } = profile;
  const target = resolve(file);
  const draft = join(dirname(target), `${basename(target)}.${randomBytes(4).toString('hex')}.new`);
  return locked(directory, async (lock) => {
    if ((await stat(target).catch(() => null)) !== null) throw exists(target);
    const { secret } = await openFiles(profile, password);
    const head = headOf(await readFile(profilePaths(directory).identity, 'utf8'));
    const output = await create(draft, target);
    try {
      for await (const piece of exportBytes(directory, await exportedFiles(directory), { head, secret })) {
        await output.writeFile(piece);
      }
      await output.sync();
      await output.close();
      await fence(directory, target, systemScheduler.now());
      await publish(draft, target).catch(async (error: unknown) => {
        await removeFence(directory);
        throw error;
      });
    } catch (error) {
      await output.close().catch(() => undefined);
      await rm(draft, { force: true });
      throw error;
    }
    lock.release();
    return target;
  });
}
