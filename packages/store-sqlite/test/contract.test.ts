/** The port's contract, in a file of its own for each test. */
import { storeContract } from '@chat/server-core/contract';
import { describe } from 'vitest';
import { openSqliteStore } from '../src/index.ts';
import { temporaryFile } from './support/temporary-file.ts';

describe('the contract of a store', () => {
  storeContract(async () => {
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
});
