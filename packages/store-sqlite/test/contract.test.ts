/** The SQLite store passes the contract of a store; each test has a file of its own. */
import { storeContract } from '@chat/server-core/contract';
import { test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { temporaryFile } from './support/temporary-file.ts';

storeContract(test, async () => {
  const path = temporaryFile();
  let current = await openSqliteStore(path);
  return {
    store: current,
    async reopen() {
      await current.close();
      current = await openSqliteStore(path);
      return current;
    },
    cleanup: () => current.close(),
  };
});
