/** The files of a profile that an export has: all of them, whatever they are, because a later version may have others. */
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../../errors.ts';
import { profilePaths } from '../profile-paths.ts';
import { type ExportedFile, isExportable, staysHere } from './export-format.ts';

const { socket } = profilePaths('');

const notExportable = (path: string, what: string): ClientError =>
  new ClientError(
    'not-exportable',
    `${path} ${what}, so an export would not have all that is in the folder of the profile. Nothing was exported: move it elsewhere, then try again.`,
  );

/** Returns what a path stands for; a symbolic link stands for what it leads to. */
async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (!['ENOENT', 'ELOOP'].includes(codeOf(error) ?? '')) throw error;
    throw notExportable(path, 'is a link that leads nowhere');
  }
}

/** Yields the files in a folder of the profile, and in the folders in it. What is hidden the system has put there. */
async function* filesIn(directory: string, folder: string): AsyncGenerator<ExportedFile> {
  for (const name of await readdir(join(directory, folder))) {
    if (name.startsWith('.')) continue;
    const path = `${folder}${name}`;
    // A program that was killed leaves its socket behind.
    if (path === socket) continue;
    const place = join(directory, path);
    const found = await statOf(place);
    // So links that lead in a circle have an end.
    if (!isExportable(path) && !(found.isFile() && staysHere(path))) {
      throw notExportable(place, 'has a name that no file of a profile has');
    }
    if (found.isDirectory()) yield* filesIn(directory, `${path}/`);
    else if (!found.isFile()) throw notExportable(place, 'is neither a file nor a folder');
    else if (!staysHere(path)) yield { path, bytes: found.size };
  }
}

/**
 * Returns the files of a profile in the order of their paths, without those that belong to its place. Symbolic links are followed.
 *
 * @throws ClientError `not-exportable` if there is anything else
 */
export async function exportedFiles(directory: string): Promise<readonly ExportedFile[]> {
  const files: ExportedFile[] = [];
  for await (const file of filesIn(directory, '')) files.push(file);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
