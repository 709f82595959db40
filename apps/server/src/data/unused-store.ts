/** The store of a server that does not run, for a command that changes it. */
import type { Store } from '@chat/server-core';
import { openSqliteStore } from '@chat/store-sqlite';
import { CommandError } from '../command-error.ts';
import { claimDirectory, type DataDirectory, unlockDirectory } from './data-directory.ts';

/**
 * Opens the store for the time of `work`, in which no server can start.
 *
 * @param inUse the message for the operator when a server uses the directory
 * @throws CommandError `data-in-use`, `file-access`; StoreError
 */
export async function withUnusedStore<T>(
  directory: DataDirectory,
  inUse: string,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const lock = await claimDirectory(directory);
  if (lock === null) throw new CommandError('data-in-use', inUse);
  try {
    const store = await openSqliteStore(directory.store, { create: false });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  } finally {
    await unlockDirectory(directory, lock);
  }
}

/** Returns the message for a command that a server would have carried out, if it had answered. */
export const noAnswerText = ({ path }: DataDirectory): string =>
  `A server that is starting or stopping uses ${path} and does not answer: try again in a moment.`;
