/** Implements `RetentionStore` in memory, in the simplest way that passes the contract. */
import type { RoomId } from '@chat/protocol';
import type { MessageUsage, RetentionBounds, RetentionStore } from '../../ports/retention-store.ts';
import type { StoredEntry } from '../../ports/room-store.ts';
import { deleteBlobs } from './memory-blobs.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** The bounds of a room that has none of its own. */
export const noBounds: RetentionBounds = { ageMs: null, messages: null, bytes: null };

/** Returns a retention store over the data of `disk`. */
export function memoryRetention(disk: MemoryDisk): RetentionStore {
  const keptOf = (roomId: RoomId): StoredEntry[] =>
    (disk.logs.get(roomId) ?? []).filter(
      ({ seq, entry }) => entry.type === 'message' && disk.deleted.get(roomId)?.has(seq) !== true,
    );
  const bytesOf = (entries: readonly StoredEntry[]): number =>
    entries.reduce((sum, { entry }) => sum + entry.payload.length, 0);

  function usageOf(room: RoomId): MessageUsage {
    const kept = keptOf(room);
    return { room, messages: kept.length, bytes: bytesOf(kept), retention: disk.retention.get(room) ?? noBounds };
  }

  return {
    async messageUsage(after, limit) {
      const rooms = [...disk.rooms.keys()].filter((room) => after === null || room > after).sort();
      return rooms.slice(0, limit).map(usageOf);
    },

    messagesOf: async (roomId) => (disk.rooms.has(roomId) ? usageOf(roomId) : null),

    async setRetention(roomId, bounds) {
      if (!disk.rooms.has(roomId)) return false;
      disk.retention.set(roomId, bounds);
      return true;
    },

    async expire(roomId, { defaults, now, latest, limit }) {
      const own = disk.retention.get(roomId) ?? noBounds;
      const [ageMs, messages, bytes] = (['ageMs', 'messages', 'bytes'] as const).map(
        (name) => (own[name] ?? defaults[name]) || Number.POSITIVE_INFINITY,
      ) as [number, number, number];
      const kept = keptOf(roomId);
      const head = disk.rooms.get(roomId)?.head ?? 0;
      let last = -1;
      for (const [index, { seq, at }] of kept.entries()) {
        const rest = kept.slice(index);
        const isBeyond = at < now - ageMs || rest.length > messages || bytesOf(rest) > bytes;
        if (seq > head - latest || (!isBeyond && at <= now)) break;
        if (isBeyond) last = index;
      }
      const found = kept.slice(0, Math.min(last + 1, limit));
      const freed = bytesOf(found);
      const deleted = disk.deleted.get(roomId) ?? new Map<number, number>();
      disk.deleted.set(roomId, deleted);
      for (const { seq } of found) {
        deleted.set(seq, now);
        const log = disk.logs.get(roomId) ?? [];
        const place = log.findIndex((each) => each.seq === seq);
        const stored = log[place];
        if (stored === undefined) continue;
        log[place] = {
          ...stored,
          entry: { ...stored.entry, payload: new Uint8Array(0), by: '', signature: new Uint8Array(0) },
        };
      }
      const upTo = Math.max(0, ...found.map(({ at }) => (at <= now ? at : 0)));
      deleteBlobs(disk, ({ room, finishedAt }) => room === roomId && finishedAt !== null && finishedAt <= upTo);
      return { messages: found.length, bytes: freed, more: last + 1 > limit };
    },
  };
}
