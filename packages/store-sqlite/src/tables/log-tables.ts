/** SQL for appending to a room's log and reading it. */
import type { StoredEntry } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { Conflict } from '../conflict.ts';
import { requireSound, type Sound, soundColumn } from '../file/row-checks.ts';
import type { MessageRecord, Tables } from '../operation.ts';
import { roomChanges } from './room-changes.ts';
import type { RoomHead, RoomHeads } from './room-heads.ts';

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly type: StoredEntry['entry']['type'];
  readonly payload: Buffer;
  readonly signed_by: Buffer;
  readonly signature: Buffer;
  readonly hash: Buffer;
  readonly log_hash: Buffer;
  readonly deleted_at: number | null;
}

/** An entry to insert. */
interface EntryToAdd extends Omit<MessageRecord, 'payload' | 'signature' | 'author'> {
  readonly type: StoredEntry['entry']['type'];
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  readonly author: string | null;
}

/** How SQLite begins the message of the error when the request was appended before. */
const duplicateRequest = 'UNIQUE constraint failed: entries.author';

interface PlaceRow extends Pick<EntryRow, 'seq' | 'type' | 'hash'> {
  readonly logHash: Buffer;
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const hexOf = (bytes: Buffer): string => bytes.toString('hex');

/** Prepares the operations on logs. */
export function logTables(
  database: Database,
  heads: RoomHeads,
): Pick<Tables, 'append' | 'appendMessage' | 'findAppended' | 'read' | 'repair' | 'logHashes' | 'places'> {
  const applyChange = roomChanges(database);

  const appended = database.prepare<[string, Buffer], { room: string; seq: number; at: number }>(
    `SELECT (SELECT room FROM rooms WHERE id = entries.room) AS room, seq, at FROM entries
     WHERE author = ? AND cid = ?`,
  );
  const headOf = database.prepare<[string], Sound & { id: number; head: number; messages: number; bytes: number }>(
    `SELECT rooms.id, seq AS head, messages, message_bytes AS bytes, ${soundColumn('rooms')}
     FROM rooms JOIN entries ON entries.room = rooms.id
     WHERE rooms.room = ? ORDER BY seq DESC LIMIT 1`,
  );
  const insert = database.prepare(
    `INSERT INTO entries (room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid,
       messages, message_bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // A row that is missing has neither author nor id of a request any more.
  const repair = database.prepare(
    `INSERT INTO entries (room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid)
     VALUES ((SELECT id FROM rooms WHERE room = @room), @seq, @at, @type, @payload, @by, @signature, @hash, @logHash, NULL, @hash)
     ON CONFLICT (room, seq) DO UPDATE SET at = excluded.at, type = excluded.type, payload = excluded.payload,
       signed_by = excluded.signed_by, signature = excluded.signature, hash = excluded.hash, log_hash = excluded.log_hash`,
  );
  const logHashes = database
    .prepare<[string, number, number], Buffer>(
      `SELECT log_hash FROM entries
       WHERE room = (SELECT id FROM rooms WHERE room = ?) AND seq > ? ORDER BY seq LIMIT ?`,
    )
    .pluck();
  const places = database.prepare<[string, number, number], PlaceRow>(
    `SELECT seq, type, hash, log_hash AS logHash FROM entries
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND seq > ? ORDER BY seq LIMIT ?`,
  );
  const page = database.prepare<[string, number, number], EntryRow>(
    `SELECT seq, at, type, payload, signed_by, signature, hash, log_hash, deleted_at FROM entries
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND seq > ? ORDER BY seq LIMIT ?`,
  );

  /** Reads the end of a room's log. Its row is compared with its checksum here, not again at each append. */
  function read(room: string): RoomHead | null {
    const found = headOf.get(room);
    return found === undefined ? null : requireSound(found);
  }

  /** Returns the end of the room's log, to which a position is to follow; null when the room does not exist. */
  function requireNext(room: string, seq: number, isCreate: boolean): RoomHead | null {
    const before = heads.get(room) ?? read(room);
    const head = before?.head ?? 0;
    if (seq === head + 1 && isCreate === (seq === 1)) return before;
    throw new Conflict('sequence', `Room ${room} is at ${head}: position ${seq} does not follow.`);
  }

  function add(row: EntryToAdd, { id, messages, bytes }: Omit<RoomHead, 'head'>): void {
    const { room, seq, at, type, hash, logHash, by, signature, payload, author, cid } = row;
    try {
      insert.run(id, seq, at, type, payload, by, signature, hash, logHash, author, cid, messages, bytes);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith(duplicateRequest)) throw error;
      throw new Conflict('duplicate', `Request ${hexOf(cid)} of ${author} was appended before.`, { cause: error });
    }
    heads.set(room, { id, head: seq, messages, bytes });
  }

  return {
    append(appending) {
      const { room, seq, at, hash, logHash, entry, author, cid, change } = appending;
      const before = requireNext(room, seq, change?.kind === 'create');
      const id = applyChange(before?.id ?? null, appending);
      const isMessage = entry.type === 'message';
      const { type, payload, by, signature } = entry;
      const bytes = { hash: bytesOf(hash), logHash: bytesOf(logHash), by: bytesOf(by), cid: bytesOf(cid) };
      add(
        { room, seq, at, type, payload, signature, author, ...bytes },
        {
          id,
          messages: (before?.messages ?? 0) + (isMessage ? 1 : 0),
          bytes: (before?.bytes ?? 0) + (isMessage ? payload.length : 0),
        },
      );
    },

    appendMessage(message) {
      const { room, seq, payload } = message;
      const before = requireNext(room, seq, false);
      // A room that does not exist refuses every position but that of its `create` entry.
      if (before === null) throw new Conflict('sequence', `There is no room ${room}.`);
      const { id, messages, bytes } = before;
      add({ ...message, type: 'message' }, { id, messages: messages + 1, bytes: bytes + payload.length });
    },

    repair(room, { seq, at, hash, logHash, entry }) {
      const { type, payload, by, signature } = entry;
      const bytes = { by: bytesOf(by), hash: bytesOf(hash), logHash: bytesOf(logHash) };
      repair.run({ room, seq, at, type, payload, signature, ...bytes });
    },

    // A negative limit is none.
    logHashes: (roomId, after, limit = -1) => logHashes.all(roomId, after, limit).map(hexOf),

    places: (roomId, after, limit) =>
      places.all(roomId, after, limit).map(({ seq, type, hash, logHash }) => {
        return { seq, type, hash: hexOf(hash), logHash: hexOf(logHash) };
      }),

    findAppended: (author, cid) => appended.get(author, bytesOf(cid)) ?? null,

    read(roomId, after, limit, maxBytes) {
      const entries: ReturnType<Tables['read']>[number][] = [];
      let bytes = 0;
      for (const row of page.iterate(roomId, after, limit)) {
        const { seq, at, type, payload, signature, deleted_at: deletedAt } = row;
        const [by, hash, logHash] = [hexOf(row.signed_by), hexOf(row.hash), hexOf(row.log_hash)];
        if (deletedAt !== null) {
          entries.push({ seq, hash, logHash, deletedAt });
          continue;
        }
        bytes += payload.length;
        if (entries.length > 0 && bytes > maxBytes) break;
        entries.push({ seq, at, hash, logHash, entry: { type, payload, by, signature } });
      }
      return entries;
    },
  };
}
