import { createMemoryStore, MemoryDisk, storeContract } from '../../src/contract/index.ts';

storeContract(async () => {
  const disk = new MemoryDisk();
  return {
    store: createMemoryStore(disk),
    reopen: async () => createMemoryStore(disk),
    cleanup: async () => {},
  };
});
