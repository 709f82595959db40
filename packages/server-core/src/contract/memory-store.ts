/** A store that lives in memory, for tests. */
import type { Store } from '../ports/store.ts';
import { memoryDirectory } from './memory-directory.ts';
import { MemoryDisk } from './memory-disk.ts';
import { memoryPrekeys } from './memory-prekeys.ts';
import { memoryRooms } from './memory-rooms.ts';

/** A store in memory. Give the same disk to two stores, one after the other, and the second knows what the first kept. */
export const createMemoryStore = (disk: MemoryDisk = new MemoryDisk()): Store => ({
  ...memoryRooms(disk),
  ...memoryDirectory(disk),
  ...memoryPrekeys(disk),
  ledger: disk.ledger,
  // It cannot fail.
  failed: new Promise(() => {}),
  close: async () => {},
});
