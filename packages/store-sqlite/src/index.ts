/** SQLite implementation of the server's storage ports: a worker thread with group commit. */
export { StoreError, type StoreErrorCode } from './errors.ts';
export { type CopyOptions, copyBytes, copySqliteStore } from './file/copy.ts';
export { openSqliteStore, type SqliteStoreOptions } from './open-store.ts';
