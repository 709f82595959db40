/**
 * Files that only their owner can read.
 *
 * A file that SQLite has open MUST NOT be opened here too: closing it would release all locks of this process on that file,
 * including SQLite's (POSIX, fcntl), and another program could then remove the write-ahead log that is in use.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { systemCodeOf } from '../sqlite-error.ts';

/**
 * Creates an empty file (mode 0600) unless there is one at this path.
 *
 * @throws the system's error
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
}

/**
 * Sets the mode of an existing file to 0600.
 *
 * @returns false when it is not a regular file
 * @throws the system's error
 */
export function makePrivate(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  chmodSync(path, 0o600);
  return true;
}
