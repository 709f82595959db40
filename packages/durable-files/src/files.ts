/** Writing, renaming and reading, each safe when it resolves: file and directory are synced to the disk. */
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

async function synced(file: FileHandle, write?: () => Promise<void>): Promise<void> {
  try {
    await write?.();
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a file with mode 0600, an older one's content and mode included, and waits until it is on the disk. */
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
  // Windows has no directories to open; there a rename is as durable as it gets.
  if (process.platform !== 'win32') await synced(await open(dirname(to)));
}

/** Writes a file in one step: a reader, or a crash at any moment, finds the old text or the new one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeSynced(draft, text);
    await renameSynced(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The text of a file; null when it is not there. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
