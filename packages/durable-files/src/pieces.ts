/** Large files: written in pieces, so that other work goes on in between, and read in ranges. */
import { constants } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncAndClose, syncDirectory } from './files.ts';

/** Windows has neither flag. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

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

/**
 * Reads a range of a file. A link, a directory, a pipe or a device in its place is not opened, or closed without waiting for it.
 *
 * @returns fewer bytes than `length` if the file ends before; null if it is no file
 * @throws the error of the system: `ENOENT` if there is none, `ELOOP` for a link
 */
export async function readRange(path: string, position: number, length: number): Promise<Buffer | null> {
  // A pipe without a writer would block a thread of the pool: of four such reads all work on files would stop.
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return null;
    const bytes = Buffer.alloc(length);
    let count = 0;
    // A file system may give less than is there.
    while (count < length) {
      const { bytesRead } = await file.read(bytes, count, length - count, position + count);
      if (bytesRead === 0) break;
      count += bytesRead;
    }
    return bytes.subarray(0, count);
  } finally {
    await file.close();
  }
}
