/** Finds files of a data directory that other users of the machine can use. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileAccessError } from '../command-error.ts';
import type { DataDirectory } from './data-directory.ts';

/** Returns what the operator has to do about the modes of the directory and its files: a sentence for each that is not private. */
export async function examineModes({ path }: DataDirectory): Promise<readonly string[]> {
  if (process.platform === 'win32') return [];
  const names = await readdir(path).catch((error: unknown) => {
    throw fileAccessError('read', path, error);
  });
  const found: string[] = [];
  for (const file of [path, ...names.sort().map((name) => join(path, name))]) {
    const state = await stat(file).catch(() => null);
    // A file may have gone meanwhile.
    if (state === null || (state.mode & 0o077) === 0) continue;
    const mode = state.isDirectory() ? '700' : '600';
    found.push(`Other users of this machine can use ${file}: run "chmod ${mode} ${file}".`);
  }
  return found;
}
