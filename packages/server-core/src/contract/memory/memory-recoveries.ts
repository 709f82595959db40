/** Implements `RecoveryStore` in memory. */
import { fromHex, toHex } from '@chat/protocol';
import type { RecoveryStore } from '../../ports/recovery-store.ts';
import type { MemoryDisk } from './memory-disk.ts';

const bytesOf = (chunks: ReadonlyMap<string, Uint8Array>): number =>
  [...chunks.values()].reduce((sum, { length }) => sum + length, 0);

/** Returns a recovery store over the data of `disk`. */
export function memoryRecoveries({ recoveries }: MemoryDisk): RecoveryStore {
  return {
    async putRecoveryKey(user, { key, madeAt }) {
      if (recoveries.get(user)?.key === key) return;
      recoveries.set(user, { key, madeAt, number: 0, manifest: null, chunks: new Map() });
    },

    async endRecovery(user) {
      recoveries.delete(user);
    },

    async findRecovery(user) {
      const found = recoveries.get(user);
      if (found === undefined) return null;
      const { chunks: _, ...recovery } = found;
      return recovery;
    },

    recoveryBytes: async (user) => bytesOf(recoveries.get(user)?.chunks ?? new Map()),

    async putRecoveryChunk(user, { id, bytes }, maxBytes) {
      const found = recoveries.get(user);
      if (found === undefined) return 'no-recovery';
      const replaced = found.chunks.get(toHex(id))?.length ?? 0;
      if (bytesOf(found.chunks) - replaced + bytes.length > maxBytes) return 'full';
      found.chunks.set(toHex(id), bytes.slice());
      return 'stored';
    },

    findRecoveryChunk: async (user, id) => recoveries.get(user)?.chunks.get(toHex(id)) ?? null,

    recoveryChunks: async (user, after, limit) =>
      [...(recoveries.get(user)?.chunks.keys() ?? [])]
        .sort()
        .filter((id) => after === null || id > toHex(after))
        .slice(0, limit)
        .map(fromHex),

    async dropRecoveryChunks(user, ids) {
      for (const id of ids) recoveries.get(user)?.chunks.delete(toHex(id));
    },

    async putRecoveryManifest(user, { number, manifest }) {
      const found = recoveries.get(user);
      if (found === undefined) return 'no-recovery';
      if (number <= found.number) return 'outdated';
      recoveries.set(user, { ...found, number, manifest: manifest.slice() });
      return 'stored';
    },
  };
}
