/** The port's contract, in a file of its own for each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { storeContract } from '@chat/server-core/contract';
import { describe } from 'vitest';
import { openSqliteStore } from '../src/index.ts';

describe('the contract of a store', () => {
  storeContract(async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'chat-store-')), 'chat.db');
    let current = await openSqliteStore(path);
    return {
      store: current,
      async reopen() {
        await current.close();
        current = await openSqliteStore(path);
        return current;
      },
      async cleanup() {
        await current.close();
        await rm(dirname(path), { recursive: true });
      },
    };
  });
});
