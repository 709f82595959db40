/** Files that are there whole or not at all, also after a power cut. */
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './complaint.ts';

async function synced(file: FileHandle, write?: () => Promise<void>): Promise<void> {
  try {
    await write?.();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a file with mode 0600 and waits until it is on the disk. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  await synced(file, async () => {
    await file.chmod(0o600);
    await file.writeFile(text);
  });
}

/** Renames, and waits until the directory knows. */
export async function renameSynced(from: string, to: string): Promise<void> {
  await rename(from, to);
  if (process.platform !== 'win32') await synced(await open(dirname(to)));
}

/** Writes a file in one step: a reader sees the old text or the new one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await writeSynced(`${path}.new`, text);
  await renameSynced(`${path}.new`, path);
}

/** The text of a file; null when it is not there. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
