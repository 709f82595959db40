/**
 * Writes, renames, removes and reads files. When a call resolves, the content is on the disk; of `writeAtomically` and `renameSynced`
 * also the directory entry.
 */
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './error-code.ts';

/** Writes to an open file, syncs it and closes it. */
export async function syncAndClose(file: FileHandle, write?: () => Promise<void>): Promise<void> {
  try {
    await write?.();
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a file with mode 0600. Replaces the content and the mode of an existing file. After a crash during the call the file may be
 * incomplete, and the entry of a new file in its directory is not synced: see `writeAtomically`.
 */
export async function writeSynced(path: string, text: string | Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await syncAndClose(file, async () => {
    await file.chmod(0o600);
    await file.writeFile(text);
  });
}

/** Syncs a directory: which files it holds is then on the disk. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories, so a rename cannot be synced there.
  if (process.platform !== 'win32') await syncAndClose(await open(path));
}

/** Renames a file and syncs the directory that holds it. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Writes a file in one step: a reader finds the old text or the new one, also after a crash. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeSynced(draft, text);
    await renameSynced(draft, path);
  } catch (error) {
    // If it cannot be removed either, the first error is the one to act on.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Removes files of a directory and syncs it. A file that does not exist is no error.
 *
 * @throws the error of the system for the first file that cannot be removed. The others are removed nevertheless.
 */
export async function removeSynced(directory: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const errors: unknown[] = [];
  for (const name of names) await rm(join(directory, name), { force: true }).catch((error) => errors.push(error));
  await syncDirectory(directory);
  if (errors.length > 0) throw errors[0];
}

/** Returns the text of a file; null when it does not exist. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
