/** Opens the file so that a commit that returned survives a crash of the machine, and nobody else can read it. */
import Sqlite, { type Database } from 'better-sqlite3';
import { asStoreError, StoreError } from '../errors.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { keepPrivate, makePrivateFile } from './private-file.ts';

export interface DatabaseOptions {
  /** False: throw `store-missing` in place of creating the store. */
  readonly create: boolean;
  /** How long to wait for another process that writes, in milliseconds. */
  readonly busyTimeout: number;
  /** The file never grows beyond this many bytes: a write that needs more is refused as on a full disk. */
  readonly maxBytes: number | null;
}

/** Throws `StoreError`. */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  try {
    prepareFile(path, options.create);
    const database = new Sqlite(path, { timeout: options.busyTimeout, fileMustExist: true });
    try {
      configure(database, options);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw asStoreError(error, path);
  }
}

/** SQLite gives `-wal` and `-shm` the mode of the database, so that is made before SQLite first sees it. */
function prepareFile(path: string, create: boolean): void {
  try {
    if (create) makePrivateFile(path);
    if (keepPrivate(path)) return;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' && !create) {
      throw new StoreError('store-missing', `${path} is not there: restore it from a backup.`, { cause: error });
    }
    throw new StoreError('store-unavailable', `${path} cannot be opened (${code}): check its directory and rights.`, {
      cause: error,
    });
  }
  throw new StoreError('store-unavailable', `${path} is not a file: choose another.`);
}

function configure(database: Database, { create, maxBytes }: DatabaseOptions): void {
  // First of all, so that a file which is refused stays as it was.
  if (schemaVersion(database) === 0 && !create) {
    throw new StoreError('store-missing', `${database.name} is empty: restore it from a backup.`);
  }
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // On macOS an fsync alone leaves the data in the drive's cache; elsewhere these do nothing.
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('wal_autocheckpoint = 0');
  if (maxBytes !== null) {
    const pageSize = Number(database.pragma('page_size', { simple: true }));
    database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
  }
  migrate(database);
}
