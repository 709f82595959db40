/** Opens the database so that a finished commit survives a crash of the machine, and only the file's owner can read it. */
import { statSync } from 'node:fs';
import type { DamagedRow } from '@chat/server-core';
import Sqlite, { type Database } from 'better-sqlite3';
import { StoreError } from '../errors.ts';
import { systemCodeOf, toStoreError } from '../sqlite-error.ts';
import { migrate, requireCurrent, schemaVersion } from './migrate.ts';
import { createPrivateFile, makePrivate } from './private-file.ts';
import { addRowChecks } from './row-checks.ts';

/** Options of `openDatabase`. */
export interface DatabaseOptions {
  /** False: throw `store-missing` instead of creating the store. */
  readonly create: boolean;
  /** True: change nothing, neither in the file nor its mode. Default: false. */
  readonly readOnly?: boolean;
  /** How long a write waits for another process that writes. */
  readonly busyTimeoutMs: number;
  /** Maximum size of the file. A write that needs more fails as on a full disk. Null: no bound. */
  readonly maxBytes: number | null;
}

/** Functions that learn what happened to the stored data. */
export interface DatabaseListeners {
  /** Called for each damaged row that a statement meets. */
  readonly damaged?: (row: DamagedRow) => void;
  /** Called with the number of wraps that the migration of the file has deleted, if there were any. */
  readonly wrapsDeleted?: (count: number) => void;
}

/**
 * Opens the database file, after creating or migrating it where needed.
 *
 * @throws StoreError `store-missing`, `store-damaged`, `store-too-old`, `store-too-new`, `store-unavailable`, `store-fault`
 */
export function openDatabase(
  path: string,
  options: DatabaseOptions,
  { damaged = () => {}, wrapsDeleted = () => {} }: DatabaseListeners = {},
): Database {
  try {
    prepareFile(path, options);
    const database = new Sqlite(path, {
      timeout: options.busyTimeoutMs,
      fileMustExist: true,
      readonly: options.readOnly === true,
    });
    try {
      const deleted = configure(database, options);
      addRowChecks(database, damaged);
      if (deleted > 0) wrapsDeleted(deleted);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw toStoreError(error, path);
  }
}

/** SQLite gives `-wal` and `-shm` the mode of the database file, so the mode is set before SQLite opens it. */
function prepareFile(path: string, { create, readOnly }: DatabaseOptions): void {
  try {
    if (create) createPrivateFile(path);
    if (readOnly ? statSync(path).isFile() : makePrivate(path)) return;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' && !create) {
      throw new StoreError('store-missing', `${path} does not exist: restore it from a backup.`, { cause: error });
    }
    const reason = code === null ? '' : ` (${code})`;
    throw new StoreError(
      'store-unavailable',
      `${path} cannot be opened${reason}: check its directory and its permissions.`,
      { cause: error },
    );
  }
  throw new StoreError('store-unavailable', `${path} is not a regular file: choose another path.`);
}

/** Returns the number of wraps that the migration has deleted. */
function configure(database: Database, { create, readOnly, maxBytes }: DatabaseOptions): number {
  // Checked first, so that a file which is refused stays unchanged.
  if (schemaVersion(database) === 0 && !create) {
    throw new StoreError('store-missing', `${database.name} is empty: restore it from a backup.`);
  }
  if (readOnly === true) {
    requireCurrent(database);
    return 0;
  }
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // On macOS fsync leaves the data in the drive's cache without these. On other systems they have no effect.
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
  database.pragma('wal_autocheckpoint = 0');
  // Deleted messages and rooms are overwritten with zeros. Appends delete nothing.
  database.pragma('secure_delete = ON');
  if (maxBytes !== null) {
    const pageBytes = Number(database.pragma('page_size', { simple: true }));
    database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`);
  }
  return migrate(database);
}
