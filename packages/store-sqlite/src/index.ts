/** SQLite adapter of the server's storage ports, in a worker thread with group commit. */
export { type FileLock, lockFile } from './file-lock.ts';
export { openSqliteStore, type SqliteStoreOptions } from './open-store.ts';
export { StoreError, type StoreErrorCode } from './store-error.ts';
