/** Implements `BlobStore` in memory, in the simplest way that passes the contract. */
import { createHash } from 'node:crypto';
import type { RoomId } from '@chat/protocol';
import type { BlobScope, BlobStore, FinishedBlob, StoredBlob } from '../../ports/blob-store.ts';
import { StoreDamage } from '../../ports/damage.ts';
import type { MemoryDisk } from './memory-disk.ts';

const hasOf = (room: RoomId | null, user: string, scope: BlobScope): boolean =>
  scope === 'all' || ('room' in scope ? scope.room === room : scope.user === user);

const isFinished = (row: StoredBlob): row is FinishedBlob => row.finishedAt !== null;

/** Deletes the blobs for which the condition holds. Returns their number. */
export function deleteBlobs(disk: MemoryDisk, isDeleted: (row: StoredBlob) => boolean): number {
  const found = [...disk.blobs.values()].filter(({ row }) => isDeleted(row));
  for (const { row } of found) disk.blobs.delete(row.id);
  disk.deletedBlobs += found.length;
  return found.length;
}

/** Returns a store of blobs over the data of `disk`. */
export function memoryBlobs(disk: MemoryDisk): BlobStore {
  return {
    async create(blob) {
      const known = disk.blobs.get(blob.id);
      if (known !== undefined) return known.row;
      const row = { ...blob, finishedAt: null, hash: null };
      disk.blobs.set(blob.id, { row, data: new Uint8Array(0) });
      return row;
    },

    find: async (id) => disk.blobs.get(id)?.row ?? null,

    received: async (id) => disk.blobs.get(id)?.data.length ?? 0,

    async append(id, offset, bytes) {
      const kept = disk.blobs.get(id);
      if (kept === undefined) return 0;
      const { row, data } = kept;
      if (isFinished(row) || offset > data.length) return data.length;
      const added = bytes.subarray(data.length - offset, row.bytes - offset);
      const grown = Buffer.concat([data, added]);
      disk.blobs.set(id, { row, data: grown });
      return grown.length;
    },

    async finish(id, hash, now) {
      const kept = disk.blobs.get(id);
      if (kept === undefined) return 'incomplete';
      const { row, data } = kept;
      if (row.finishedAt !== null) return row.hash === hash ? 'finished' : 'wrong-hash';
      if (data.length < row.bytes) return 'incomplete';
      if (createHash('sha256').update(data).digest('hex') !== hash) {
        disk.blobs.set(id, { row, data: new Uint8Array(0) });
        return 'wrong-hash';
      }
      disk.blobs.set(id, { row: { ...row, finishedAt: now, hash }, data });
      return 'finished';
    },

    async read(id, offset, limit) {
      const kept = disk.blobs.get(id);
      if (kept === undefined) throw new StoreDamage(`The bytes of the blob ${id} are missing.`);
      return kept.data.slice(offset, offset + limit);
    },

    delete: async (id) => deleteBlobs(disk, (row) => row.id === id) > 0,

    deleteOfRoom: async (room, upTo) =>
      deleteBlobs(disk, (row) => row.room === room && row.finishedAt !== null && row.finishedAt <= upTo),

    deleteUnfinished: async (before) => deleteBlobs(disk, (row) => row.finishedAt === null && row.createdAt < before),

    async erase() {
      const erased = disk.deletedBlobs;
      disk.deletedBlobs = 0;
      return erased;
    },

    async usage(scope) {
      const rows = [...disk.blobs.values()].map(({ row }) => row).filter(({ room, user }) => hasOf(room, user, scope));
      return { blobs: rows.length, bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0) };
    },

    async list(owner, after, limit) {
      return [...disk.blobs.values()]
        .map(({ row }) => row)
        .filter(isFinished)
        .filter(({ room, user }) => owner === 'all' || (room === null && user === owner))
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },

    verify: async (id) => (disk.blobs.has(id) ? 'sound' : 'missing'),
  };
}
