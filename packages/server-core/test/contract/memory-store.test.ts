/** The store in memory passes the contract of a store. */
import { test } from 'vitest';
import { createMemoryStore, MemoryDisk, storeContract } from '../../src/contract/index.ts';

storeContract(test, async () => {
  const disk = new MemoryDisk();
  return {
    store: createMemoryStore(disk),
    reopen: async () => createMemoryStore(disk),
    cleanup: async () => {},
  };
});
