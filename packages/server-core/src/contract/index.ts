/** The contract of a store as a suite that its adapter runs, and a store in memory that passes it. */
export { MemoryDisk } from './memory/memory-disk.ts';
export { createMemoryStore } from './memory/memory-store.ts';
export { type OpenedStore, storeContract } from './store-contract.ts';
