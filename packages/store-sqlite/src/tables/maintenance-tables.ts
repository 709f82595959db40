/** SQL for the operator: sizes of rooms, deletion of a room, soundness of the file. */
import type { RoomUsage } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { type CheckedTableName, checkedTables, damagedRowsOf } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';
import { blobDeletion } from './blob-tables.ts';
import { boundsOf } from './retention-tables.ts';

type MaintenanceTables = Pick<
  Tables,
  'roomUsage' | 'deleteRoom' | 'wasDeleted' | 'integrity' | 'damagedRows' | 'reusableBytes'
>;
type UsageRow = Omit<RoomUsage, 'retention'> & Parameters<typeof boundsOf>[0];

/** Tables whose rows belong to a room, those that refer to others first. */
const tablesOfRoom = ['entries', 'wrap_sheets', 'epochs', 'members', 'invited', 'removals', 'revoked', 'knocks'];

/** Reports of one check. One fault of a page can cause thousands. */
const maxReports = 20;

/** Prepares the operations for the operator. */
export function maintenanceTables(database: Database): MaintenanceTables {
  // `octet_length` does not read the payload itself.
  const usage = database.prepare<[string, number], UsageRow>(
    `SELECT rooms.room, name, (SELECT count(*) FROM members WHERE members.room = rooms.id) AS members,
       count(entries.id) AS entries, coalesce(sum(octet_length(payload)), 0) AS bytes, coalesce(max(at), created_at) AS lastAt,
       expired_messages AS deleted, keep_ms AS ageMs, keep_messages AS maxMessages, keep_bytes AS maxBytes
     FROM (SELECT * FROM rooms WHERE room > ? ORDER BY room LIMIT ?) AS rooms
     LEFT JOIN entries ON entries.room = rooms.id GROUP BY rooms.id ORDER BY rooms.room`,
  );
  const remember = database.prepare<[string]>('INSERT OR IGNORE INTO deleted_rooms (room) VALUES (?)');
  const deleted = database.prepare<[string]>('SELECT 1 FROM deleted_rooms WHERE room = ?');
  const idOf = database.prepare<[string], { id: number }>('SELECT id FROM rooms WHERE room = ?');
  const deletions = [
    ...tablesOfRoom.map((table) => `DELETE FROM ${table} WHERE room = ?`),
    'DELETE FROM rooms WHERE id = ?',
  ].map((sql) => database.prepare<[number]>(sql));

  const deleteBlobs = blobDeletion(database, 'room = ?');

  const textsOf = (rows: unknown): string[] =>
    (rows as readonly Record<string, unknown>[]).map((row) => Object.values(row).join(' '));

  return {
    // Every room id sorts after the empty string.
    roomUsage: (after, limit) =>
      usage.all(after ?? '', limit).map(({ ageMs, maxMessages, maxBytes, ...room }) => ({
        ...room,
        retention: boundsOf({ ageMs, maxMessages, maxBytes }),
      })),

    deleteRoom(roomId) {
      const found = idOf.get(roomId);
      if (found === undefined) return false;
      for (const deletion of deletions) deletion.run(found.id);
      deleteBlobs(roomId);
      remember.run(roomId);
      return true;
    },

    wasDeleted: (roomId) => deleted.get(roomId) !== undefined,

    integrity() {
      const structure = textsOf(database.pragma(`integrity_check(${maxReports})`)).filter((text) => text !== 'ok');
      const references = textsOf(database.pragma('foreign_key_check')).slice(0, maxReports);
      return [...structure, ...references.map((row) => `reference without a target: ${row}`)];
    },

    damagedRows: () =>
      (Object.keys(checkedTables) as CheckedTableName[]).flatMap((table) => damagedRowsOf(database, table)),

    reusableBytes: () =>
      Number(database.pragma('freelist_count', { simple: true })) *
      Number(database.pragma('page_size', { simple: true })),
  };
}
