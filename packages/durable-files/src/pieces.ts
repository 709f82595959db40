/** Large files, which are written and read in pieces, so that other work goes on in between. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncAndClose, syncDirectory } from './files.ts';

/** So much is read at once. */
const pieceBytes = 65_536;

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
 * Yields the bytes of an open file from a position on. The caller closes the file, also when it does not read to the end.
 *
 * @param start the position in bytes
 */
export async function* readPieces(file: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; ; ) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
