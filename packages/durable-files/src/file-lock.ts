/**
 * Locks between processes. The lock is SQLite's exclusive lock on an empty file: Node.js has no file locks of its own, and SQLite
 * takes the system's (fcntl on POSIX, LockFileEx on Windows). The system releases it when the holder ends, however it ends.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { codeOf } from './error-code.ts';

/** A lock that this process holds until it is released or the process ends. */
export interface FileLock {
  release(): void;
}

/**
 * The connections of the locks that are held. SQLite's connection is closed, and its lock released, when the garbage collector
 * finds it unreachable. A lock must not depend on whether its holder keeps the object.
 */
const held = new Set<DatabaseSync>();

/** SQLITE_BUSY: another connection holds the lock. */
const busyErrorNumber = 5;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === busyErrorNumber;

/**
 * Takes the lock that the file at `path` stands for. Creates the file (mode 0600) when it does not exist. The file stays empty and
 * is never removed, because a process could hold the lock of a removed file beside the lock of its successor.
 *
 * No other code may open the file: closing it would release the lock (POSIX).
 *
 * @returns null when another process, or this one, holds the lock
 * @throws the error of SQLite or the system when the file cannot be opened
 */
export function lockFile(path: string): FileLock | null {
  createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // A journal in a file would need space, which a full disk does not have.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    held.add(database);
    return {
      release: () => {
        if (held.delete(database)) database.close();
      },
    };
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
