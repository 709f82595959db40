/** A lock between processes. The operating system releases it when its holder ends, however it ends. */
import Sqlite from 'better-sqlite3';
import { createPrivateFile } from './private-file.ts';

export interface FileLock {
  release(): void;
}

/**
 * Takes the lock that the file at `path` stands for. Creates the file (mode 0600) when it does not exist; it stays empty and is
 * not removed.
 *
 * @returns null when another process, or this one, holds the lock
 * @throws the error of SQLite or the system when the file cannot be opened
 */
export function lockFile(path: string): FileLock | null {
  createPrivateFile(path);
  const database = new Sqlite(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_BUSY') return null;
    throw error;
  }
}
