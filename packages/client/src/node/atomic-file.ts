/** Files that are whole or not there, whatever happens in between. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes `path` with mode 0600; when it resolves, the content survives a crash of the machine. */
export async function writeFileAtomic(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
