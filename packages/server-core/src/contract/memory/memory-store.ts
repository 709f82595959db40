/** A store in memory, for tests and examples. */
import type { Store } from '../../ports/store.ts';
import { deleteBlobs, memoryBlobs } from './memory-blobs.ts';
import { memoryDirectory } from './memory-directory.ts';
import { MemoryDisk } from './memory-disk.ts';
import { memoryLinks } from './memory-links.ts';
import { memoryPrekeys } from './memory-prekeys.ts';
import { memoryRecoveries } from './memory-recoveries.ts';
import { memoryRetention, noBounds } from './memory-retention.ts';
import { memoryRooms } from './memory-rooms.ts';
import { memoryWraps } from './memory-wraps.ts';

/**
 * Creates a store in memory.
 *
 * @param disk its data; a second store with the same disk has the data of the first
 */
export const createMemoryStore = (disk: MemoryDisk = new MemoryDisk()): Store => ({
  ...memoryRooms(disk),
  ...memoryDirectory(disk),
  ...memoryPrekeys(disk),
  ...memoryLinks(disk),
  ...memoryWraps(disk),
  ...memoryRetention(disk),
  ...memoryRecoveries(disk),
  roomUsage: async (after, limit) =>
    [...disk.rooms.values()]
      .filter(({ room }) => after === null || room > after)
      .sort((a, b) => (a.room < b.room ? -1 : 1))
      .slice(0, limit)
      .map(({ room, name, members, createdAt }) => {
        const log = disk.logs.get(room) ?? [];
        const bytes = log.reduce((sum, { entry }) => sum + entry.payload.length, 0);
        return {
          ...{ room, name, members: members.length, entries: log.length, bytes },
          deleted: disk.deleted.get(room)?.size ?? 0,
          retention: disk.retention.get(room) ?? noBounds,
          lastAt: log.at(-1)?.at ?? createdAt,
        };
      }),
  deleteRoom: async (roomId) => {
    const found = disk.rooms.get(roomId);
    if (found === undefined) return false;
    disk.deletedRooms.add(roomId);
    if (found.name !== null) disk.names.delete(found.name);
    const { rooms, logs, logHashes, knocks, deleted, retention, epochs, sheets } = disk;
    for (const rows of [rooms, logs, logHashes, knocks, deleted, retention, epochs, sheets]) rows.delete(roomId);
    deleteBlobs(disk, ({ room }) => room === roomId);
    for (const [key, { room }] of disk.appended) if (room === roomId) disk.appended.delete(key);
    return true;
  },
  integrity: async () => [],
  damagedRows: async () => [],
  reusableBytes: async () => 0,
  blobs: memoryBlobs(disk),
  ledger: disk.ledger,
  // A store in memory cannot fail.
  failed: new Promise(() => {}),
  watchDamage: () => {},
  close: async () => {},
});
