/** A store in memory, for tests and examples. */
import type { Store } from '../ports/store.ts';
import { memoryDirectory } from './memory-directory.ts';
import { MemoryDisk } from './memory-disk.ts';
import { memoryPrekeys } from './memory-prekeys.ts';
import { memoryRooms } from './memory-rooms.ts';

/**
 * Creates a store in memory.
 *
 * @param disk its data; a second store with the same disk has the data of the first
 */
export const createMemoryStore = (disk: MemoryDisk = new MemoryDisk()): Store => ({
  ...memoryRooms(disk),
  ...memoryDirectory(disk),
  ...memoryPrekeys(disk),
  ledger: disk.ledger,
  // A store in memory cannot fail.
  failed: new Promise(() => {}),
  close: async () => {},
});
