/** Finds files of a data directory that other users of the machine can use, and files that the server cannot. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileAccessError } from '../command-error.ts';
import { shellWord } from '../config/shell-word.ts';
import type { DataDirectory } from './data-directory.ts';

/** A file with a wrong mode or owner. */
export interface WrongFile {
  /** A sentence without its full stop. */
  readonly text: string;
  /** The command that mends it. */
  readonly remedy: string;
}

/** Returns the directory and its files that are not private, and those of another owner than the directory. */
export async function examineModes({ path }: DataDirectory): Promise<readonly WrongFile[]> {
  if (process.platform === 'win32') return [];
  const names = await readdir(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  const found: WrongFile[] = [];
  const owner = await stat(path).catch(() => null);
  for (const file of [path, ...names.sort().map((name) => join(path, name))]) {
    const state = await stat(file).catch(() => null);
    // A file may have gone meanwhile.
    if (state === null) continue;
    if (owner !== null && state.uid !== owner.uid) {
      const remedy = `chown ${owner.uid}:${owner.gid} ${shellWord(file)}`;
      found.push({ text: `${file} belongs to another user than its directory, so the server cannot use it`, remedy });
    }
    if ((state.mode & 0o077) === 0) continue;
    const mode = state.isDirectory() ? '700' : '600';
    found.push({ text: `Other users of this machine can use ${file}`, remedy: `chmod ${mode} ${shellWord(file)}` });
  }
  return found;
}
