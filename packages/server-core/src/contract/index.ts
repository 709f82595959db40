/** What every store must do, as a suite that its adapter runs, and a store in memory that does it. */
export { createMemoryStore, MemoryDisk } from './memory-store.ts';
export { type OpenedStore, storeContract } from './store-contract.ts';
