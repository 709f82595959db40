/** SQL for appending to a room's log and reading it. */
import type { Database } from 'better-sqlite3';
import { Conflict } from '../conflict.ts';
import type { Tables } from '../operation.ts';
import { roomChanges } from './room-changes.ts';

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly type: ReturnType<Tables['read']>[number]['entry']['type'];
  readonly payload: string;
  readonly signed_by: string;
  readonly signature: string;
  readonly hash: string;
  readonly log_hash: string;
}

/** Prepares the operations on logs. */
export function logTables(database: Database): Pick<Tables, 'append' | 'findAppended' | 'read' | 'logHashes'> {
  const applyChange = roomChanges(database);

  const appended = database.prepare<[string, string], { room: string; seq: number; at: number }>(
    `SELECT rooms.room, entries.seq, entries.at FROM entries JOIN rooms ON rooms.id = entries.room
     WHERE author = ? AND cid = ?`,
  );
  const headOf = database.prepare<[string], { id: number; head: number }>(
    'SELECT id, (SELECT max(seq) FROM entries WHERE entries.room = rooms.id) AS head FROM rooms WHERE room = ?',
  );
  const insert = database.prepare(
    `INSERT INTO entries (room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const logHashes = database
    .prepare<[string, number, number], string>(
      `SELECT log_hash FROM entries
       WHERE room = (SELECT id FROM rooms WHERE room = ?) AND seq > ? ORDER BY seq LIMIT ?`,
    )
    .pluck();
  const page = database.prepare<[string, number, number], EntryRow>(
    `SELECT seq, at, type, payload, signed_by, signature, hash, log_hash FROM entries
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND seq > ? ORDER BY seq LIMIT ?`,
  );

  return {
    append(appending) {
      const { room, seq, at, hash, logHash, entry, author, cid, change } = appending;
      if (author !== null && appended.get(author, cid) !== undefined) {
        throw new Conflict('duplicate', `Request ${cid} of ${author} was appended before.`);
      }
      const before = headOf.get(room);
      const head = before?.head ?? 0;
      if (seq !== head + 1 || (change?.kind === 'create') !== (seq === 1)) {
        throw new Conflict('sequence', `Room ${room} is at ${head}: position ${seq} does not follow.`);
      }
      const id = applyChange(before?.id ?? null, appending);
      insert.run(id, seq, at, entry.type, entry.payload, entry.by, entry.signature, hash, logHash, author, cid);
    },

    // A negative limit is none.
    logHashes: (roomId, after, limit = -1) => logHashes.all(roomId, after, limit),

    findAppended: (author, cid) => appended.get(author, cid) ?? null,

    read(roomId, after, limit, maxBytes) {
      const entries: ReturnType<Tables['read']>[number][] = [];
      let bytes = 0;
      for (const row of page.iterate(roomId, after, limit)) {
        const { seq, at, type, payload, signed_by: by, signature, hash, log_hash: logHash } = row;
        bytes += Buffer.byteLength(payload);
        if (entries.length > 0 && bytes > maxBytes) break;
        entries.push({ seq, at, hash, logHash, entry: { type, payload, by, signature } });
      }
      return entries;
    },
  };
}
