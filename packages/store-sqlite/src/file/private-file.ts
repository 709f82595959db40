/**
 * Files that nobody else can read.
 *
 * A file that SQLite has open MUST NOT be opened here as well: closing it would release every lock that this process
 * has on it, SQLite's too (POSIX, fcntl), and another program could then remove the write-ahead log in use.
 */
import { chmodSync, closeSync, openSync, statSync } from 'node:fs';

/** Makes an empty file (mode 0600) unless there is something of this name. Throws the system's error. */
export function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** Closes a file that is there to everybody else. False when it is no file. Throws the system's error. */
export function keepPrivate(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  chmodSync(path, 0o600);
  return true;
}
