/** A lock between processes that the system itself releases when its holder ends, however it ends. */
import Sqlite from 'better-sqlite3';
import { makePrivateFile } from './private-file.ts';

export interface FileLock {
  release(): void;
}

/**
 * Takes the lock that the file at `path` stands for; the file is made (mode 0600) when it is not there, stays empty,
 * and stays. Null when another process, or this one, has the lock. Throws when the file cannot be opened.
 */
export function lockFile(path: string): FileLock | null {
  makePrivateFile(path);
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
