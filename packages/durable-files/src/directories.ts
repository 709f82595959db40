/** Directories: creates them durably, and lists their files. */
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from './error-code.ts';
import { syncDirectory } from './files.ts';

/** Creates a directory for its owner only (mode 0700), with its parents. When the call resolves, no crash takes them away again. */
export async function makeDirectorySynced(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const last = dirname(resolve(first));
  for (let parent = dirname(resolve(path)); ; parent = dirname(parent)) {
    await syncDirectory(parent);
    if (parent === last || parent === dirname(parent)) return;
  }
}

/**
 * Returns the names of the files in a directory. Other programs leave directories, links, pipes and sockets there: they are left out.
 *
 * @returns nothing if the directory does not exist
 */
export async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
