/** Large files, which are written in pieces, so that other work goes on in between. */
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncAndClose, syncDirectory } from './files.ts';

/**
 * Writes a new file with mode 0600. When the call resolves, the content and the directory entry are on the disk. When it rejects, there is no
 * such file, and the disk has its space back.
 *
 * @throws the error of the system: `EEXIST` if something has the name, which stays as it is
 */
export async function writeNewSynced(path: string, pieces: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await syncAndClose(file, async () => {
      // `writeFile` goes on where a write took less than it was given.
      for (const piece of pieces) await file.writeFile(piece);
    });
    await syncDirectory(dirname(path));
  } catch (error) {
    // If it cannot be removed either, the first error is the one to act on.
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}
