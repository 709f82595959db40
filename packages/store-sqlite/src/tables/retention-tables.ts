/** SQL for retention: the bounds of each room, and the deletion of messages that are beyond them. */
import type { MessageUsage, RetentionBounds } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { isSound, sealOf } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';
import { blobDeletion } from './blob-tables.ts';

type RetentionTables = Pick<Tables, 'messageUsage' | 'messagesOf' | 'setRetention' | 'expire'>;

interface BoundsRow {
  readonly ageMs: number | null;
  readonly maxMessages: number | null;
  readonly maxBytes: number | null;
}
type UsageRow = Omit<MessageUsage, 'retention'> & BoundsRow;

interface RoomRow extends UsageRow {
  readonly id: number;
  readonly head: number;
  /** Position up to which every message was deleted. */
  readonly expiredSeq: number;
}

interface MessageRow {
  readonly seq: number;
  readonly at: number;
  readonly bytes: number;
}

/** What remains of a deleted message. */
interface RemainsRow {
  readonly id: number;
  readonly room: number;
  readonly seq: number;
  readonly at: number;
  readonly hash: Buffer;
  readonly log_hash: Buffer;
  readonly author: string | null;
  readonly cid: Buffer;
  readonly messages: number;
  readonly message_bytes: number;
}

/** Bytes of messages to delete in one call, so that the write-ahead log stays short on a full disk. */
const maxExpireBytes = 4 * 1024 * 1024;

const columns = `rooms.room, messages - expired_messages AS messages, message_bytes - expired_bytes AS bytes,
  keep_ms AS ageMs, keep_messages AS maxMessages, keep_bytes AS maxBytes`;

/** Returns the bounds of a row. */
export const boundsOf = ({ ageMs, maxMessages, maxBytes }: BoundsRow): RetentionBounds => ({
  ageMs,
  messages: maxMessages,
  bytes: maxBytes,
});

const usageOf = ({ room, messages, bytes, ...bounds }: UsageRow): MessageUsage => ({
  room,
  messages,
  bytes,
  retention: boundsOf(bounds),
});

/** Prepares the operations of retention. */
export function retentionTables(database: Database): RetentionTables {
  const usage = database.prepare<[string, number], UsageRow>(
    `SELECT ${columns} FROM rooms
     JOIN entries ON entries.room = rooms.id AND seq = (SELECT max(seq) FROM entries AS e WHERE e.room = rooms.id)
     WHERE rooms.room > ? ORDER BY rooms.room LIMIT ?`,
  );
  const roomOf = database.prepare<[string], RoomRow>(
    `SELECT rooms.id, seq AS head, expired_seq AS expiredSeq, ${columns}
     FROM rooms JOIN entries ON entries.room = rooms.id WHERE rooms.room = ? AND ${isSound('rooms')}
     ORDER BY seq DESC LIMIT 1`,
  );
  const setBounds = database.prepare<[number | null, number | null, number | null, string]>(
    `UPDATE rooms SET keep_ms = ?, keep_messages = ?, keep_bytes = ? WHERE room = ? AND ${isSound('rooms')}`,
  );
  const oldest = database.prepare<[number, number, number], MessageRow>(
    `SELECT seq, at, octet_length(payload) AS bytes FROM entries
     WHERE room = ? AND seq > ? AND seq <= ? AND type = 'message' ORDER BY seq`,
  );
  // An update that shortens a row frees no page, but a deletion merges pages. So the rows are deleted, and what remains of
  // them is inserted again.
  const remains = database.prepare<[number, number, number], RemainsRow>(
    `SELECT id, room, seq, at, hash, log_hash, author, cid, messages, message_bytes FROM entries
     WHERE room = ? AND seq > ? AND seq <= ? AND type = 'message'`,
  );
  const remove = database.prepare<[number]>('DELETE FROM entries WHERE id = ?');
  const putBack = database.prepare<[RemainsRow & { readonly now: number }]>(
    `INSERT INTO entries (id, room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid,
       messages, message_bytes, deleted_at)
     VALUES (@id, @room, @seq, @at, 'message', x'', x'', x'', @hash, @log_hash, @author, @cid, @messages, @message_bytes, @now)`,
  );
  const count = database.prepare<[number, number, number, number]>(
    `UPDATE rooms SET expired_seq = ?, expired_messages = expired_messages + ?, expired_bytes = expired_bytes + ?
     WHERE id = ?`,
  );
  const deleteBlobs = blobDeletion(database, 'room = ? AND finished_at <= ?');
  const seal = sealOf(database, 'rooms');

  return {
    // Every room id sorts after the empty string.
    messageUsage: (after, limit) => usage.all(after ?? '', limit).map(usageOf),

    messagesOf(roomId) {
      const row = roomOf.get(roomId);
      return row === undefined ? null : usageOf(row);
    },

    setRetention(roomId, { ageMs, messages, bytes }) {
      const isSet = setBounds.run(ageMs, messages, bytes, roomId).changes > 0;
      if (isSet) seal(roomId);
      return isSet;
    },

    expire(roomId, { defaults, now, latest, limit }) {
      const room = roomOf.get(roomId);
      if (room === undefined) return { messages: 0, bytes: 0, more: false };
      const own = boundsOf(room);
      const bounds = {
        // 0 is no bound.
        ageMs: (own.ageMs ?? defaults.ageMs) || Number.POSITIVE_INFINITY,
        messages: (own.messages ?? defaults.messages) || Number.POSITIVE_INFINITY,
        bytes: (own.bytes ?? defaults.bytes) || Number.POSITIVE_INFINITY,
      };
      const found = messagesBeyond(oldest.iterate(room.id, room.expiredSeq, room.head - latest), room, {
        ...{ bounds, now, limit },
      });
      if (found.messages === 0) return { messages: 0, bytes: 0, more: false };
      const rows = remains.all(room.id, room.expiredSeq, found.seq);
      for (const { id } of rows) remove.run(id);
      for (const row of rows) putBack.run({ ...row, now });
      // A message names only blobs that were complete before.
      deleteBlobs(roomId, Math.max(...rows.map(({ at }) => (at <= now ? at : 0))));
      count.run(found.seq, found.messages, found.bytes, room.id);
      seal(roomId);
      return { messages: found.messages, bytes: found.bytes, more: found.more };
    },
  };
}

interface Found {
  /** Position of the last message to delete. */
  readonly seq: number;
  readonly messages: number;
  readonly bytes: number;
  readonly more: boolean;
}

/** Reads messages, the oldest first, until one is within all bounds. */
function messagesBeyond(
  rows: IterableIterator<MessageRow>,
  { messages, bytes }: { readonly messages: number; readonly bytes: number },
  {
    bounds,
    now,
    limit,
  }: {
    readonly bounds: { readonly ageMs: number; readonly messages: number; readonly bytes: number };
    readonly now: number;
    readonly limit: number;
  },
): Found {
  let found: Found = { seq: 0, messages: 0, bytes: 0, more: false };
  let read = { messages: 0, bytes: 0 };
  for (const row of rows) {
    if (found.messages >= limit || found.bytes >= maxExpireBytes) return { ...found, more: true };
    const isTooOld = row.at < now - bounds.ageMs;
    const isBeyond = messages - read.messages > bounds.messages || bytes - read.bytes > bounds.bytes;
    // A time in the future says nothing: the next message decides.
    if (!isTooOld && !isBeyond && row.at <= now) break;
    read = { messages: read.messages + 1, bytes: read.bytes + row.bytes };
    if (isTooOld || isBeyond) found = { ...found, seq: row.seq, ...read };
  }
  return found;
}
