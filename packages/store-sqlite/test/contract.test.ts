/** The SQLite store passes the contract of a store; each test has a file of its own. */
import { storeContract } from '@chat/server-core/contract';
import { longTest } from '@chat/testkit';
import { test } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { temporaryFile } from './support/temporary-file.ts';

let count = 0;
/** In a user's run a third of the contract, all of which every run tries on the store in memory. */
const some = (name: string, run: () => Promise<void>) => (count++ % 3 === 0 ? test : longTest)(name, run);

storeContract(some, async () => {
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
