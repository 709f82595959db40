/** The small files of a data directory, read as they stand together while a server may change them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@chat/protocol';
import { CommandError, fileAccessError } from '../command-error.ts';
import type { DataDirectory } from '../data/data-directory.ts';
import { type BackedUpName, backedUpNames } from './backup-format.ts';

/** The small files that there are, with their bytes. */
export type SmallFiles = ReadonlyMap<BackedUpName, Buffer>;

/** A change of the CAs renames three files, so that one of some readings that follow each other meets no change. */
const maxReadings = 20;

async function readOnce({ path }: DataDirectory): Promise<SmallFiles> {
  const files = new Map<BackedUpName, Buffer>();
  for (const name of backedUpNames) {
    if (name === 'chat.db') continue;
    const file = join(path, name);
    const bytes = await readFile(file).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw fileAccessError('read', file, error);
    });
    if (bytes !== null) files.set(name, bytes);
  }
  return files;
}

const isSame = (a: SmallFiles, b: SmallFiles): boolean =>
  a.size === b.size && [...a].every(([name, bytes]) => b.get(name)?.equals(bytes) === true);

/**
 * Reads the files until two readings agree, so that none of them is from before a change and another one from after it.
 *
 * @throws CommandError `file-access`, `data-in-use` when they change all the time
 */
export async function readSmallFiles(directory: DataDirectory): Promise<SmallFiles> {
  let before = await readOnce(directory);
  for (let reading = 1; reading < maxReadings; reading++) {
    const now = await readOnce(directory);
    if (isSame(before, now)) return now;
    before = now;
  }
  throw new CommandError('data-in-use', `The files in ${directory.path} change all the time: try again in a moment.`);
}
