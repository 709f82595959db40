/**
 * Copies a store that may be in use. The copy is the store as it is at one moment: a transaction that only reads keeps that moment, and
 * neither waits for the writers nor lets them wait. Meanwhile the write-ahead log is not copied into the file, so it grows.
 */
import { chmodSync, statSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { StoreError } from '../errors.ts';
import { systemCodeOf, toStoreError } from '../sqlite-error.ts';
import { openDatabase } from './database.ts';
import { createPrivateFile } from './private-file.ts';

/** Pages that are copied without a pause: about 1 MB. */
const pagesPerStep = 256;

/** Options of `copySqliteStore`. */
export interface CopyOptions {
  /** Called when the moment is chosen, before anything is copied. The copy begins when it resolves. Default: nothing is called. */
  readonly chosen?: () => Promise<void>;
  /** Called before each step of about 1 MB. Default: nothing is called. */
  readonly step?: () => void;
}

/**
 * Copies the store in one file to another one (mode 0600), which MUST NOT exist or be empty. What was durable when the call was made is in the copy.
 * The copy is not synced. Nothing of the store is changed. After a failure the caller removes what there is of the copy.
 *
 * @param from path of the store; other programs may use it
 * @param to path of the copy
 * @throws StoreError `store-missing`, `store-damaged`, `store-too-old`, `store-too-new`, `store-unavailable`, `store-fault`
 */
export async function copySqliteStore(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const { chosen = async () => {}, step = () => {} } = options;
  const database = openDatabase(from, { create: false, readOnly: true, busyTimeoutMs: 5_000, maxBytes: null });
  try {
    // A transaction without a read has chosen no moment yet.
    database.exec('BEGIN');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    await chosen();
    await copyPages(database, to, step);
  } finally {
    database.close();
  }
}

async function copyPages(database: Database, to: string, step: () => void): Promise<void> {
  try {
    createPrivateFile(to);
  } catch (error) {
    throw new StoreError(
      'store-unavailable',
      `${to} cannot be created (${systemCodeOf(error)}): check its directory and its permissions.`,
      { cause: error },
    );
  }
  try {
    await database.backup(to, {
      progress: () => {
        step();
        return pagesPerStep;
      },
    });
    chmodSync(to, 0o600);
  } catch (error) {
    const isSource = /^SQLITE_(CORRUPT|NOTADB)/.test(systemCodeOf(error) ?? '');
    throw toStoreError(error, isSource ? database.name : to);
  }
}

/** Returns the bytes that a copy of the store needs at most, with what stands in its write-ahead log. */
export function copyBytes(path: string): number {
  const sizes = [path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}
