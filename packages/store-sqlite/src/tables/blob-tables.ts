/** SQL for the rows of blobs. Their bytes stand in files (`blobs/`). */
import type { BlobScope, BlobUsage, FinishedBlob, StoredBlob } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { requireSound, type Sound, sealOf, soundColumn, soundOnly } from '../file/row-checks.ts';
import type { BlobMethods, NumberedBlob, Tables } from '../operation.ts';

type BlobRow = NumberedBlob & Sound;

const columns = `number, id, room, user, bytes, created_at AS createdAt, finished_at AS finishedAt, hash, ${soundColumn('blobs')}`;

/**
 * Prepares a function that deletes the blobs for which the condition holds, and remembers that their files are to be erased. It returns their
 * number.
 */
export function blobDeletion(database: Database, condition: string): (...values: (string | number)[]) => number {
  const remember = database.prepare<(string | number)[]>(
    `INSERT INTO deleted_blobs (number) SELECT number FROM blobs WHERE ${condition}`,
  );
  const remove = database.prepare<(string | number)[]>(`DELETE FROM blobs WHERE ${condition}`);
  return (...values) => {
    remember.run(...values);
    return remove.run(...values).changes;
  };
}

/** Returns a row as the port has it. */
function withoutNumber({ number: _, ...blob }: NumberedBlob): StoredBlob {
  return blob;
}

/** Prepares the operations on blobs. */
export function blobTables(database: Database): Pick<Tables, keyof BlobMethods> {
  const insert = database.prepare<[string, string | null, string, number, number]>(
    'INSERT OR IGNORE INTO blobs (id, room, user, bytes, created_at) VALUES (?, ?, ?, ?, ?)',
  );
  const find = database.prepare<[string], BlobRow>(`SELECT ${columns} FROM blobs WHERE id = ?`);
  const finish = database.prepare<[number, string, string]>('UPDATE blobs SET finished_at = ?, hash = ? WHERE id = ?');
  const deletion = blobDeletion(database, 'id = ?');
  const ofRoom = blobDeletion(database, 'room = ? AND finished_at <= ?');
  const unfinished = blobDeletion(database, 'finished_at IS NULL AND created_at < ?');
  const deleted = database.prepare<[number], number>('SELECT number FROM deleted_blobs LIMIT ?').pluck();
  const forget = database.prepare<[number]>('DELETE FROM deleted_blobs WHERE number = ?');
  const sumWhere = (condition: string) =>
    database.prepare<string[], BlobUsage>(
      `SELECT count(*) AS blobs, coalesce(sum(bytes), 0) AS bytes FROM blobs WHERE ${condition}`,
    );
  const sums = { room: sumWhere('room = ?'), user: sumWhere('user = ?'), all: sumWhere('1') };
  const listAll = database.prepare<[string, number], BlobRow>(
    `SELECT ${columns} FROM blobs WHERE finished_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?`,
  );
  const listOwn = database.prepare<[string, string, number], BlobRow>(
    `SELECT ${columns} FROM blobs WHERE finished_at IS NOT NULL AND user = ? AND room IS NULL AND id > ? ORDER BY id LIMIT ?`,
  );
  const seal = sealOf(database, 'blobs');

  const found = (id: string): NumberedBlob | null => {
    const row = find.get(id);
    return row === undefined ? null : requireSound(row);
  };
  const usageOf = (scope: BlobScope): BlobUsage | undefined => {
    if (scope === 'all') return sums.all.get();
    return 'room' in scope ? sums.room.get(scope.room) : sums.user.get(scope.user);
  };

  return {
    createBlob({ id, room, user, bytes, createdAt }) {
      if (insert.run(id, room, user, bytes, createdAt).changes > 0) seal(id);
      return withoutNumber(found(id) as NumberedBlob);
    },

    findBlob: found,

    finishBlob(id, hash, now) {
      if (finish.run(now, hash, id).changes > 0) seal(id);
    },

    deleteBlob: (id) => deletion(id) > 0,

    deleteBlobsOfRoom: (room, upTo) => ofRoom(room, upTo),

    deleteUnfinishedBlobs: (before) => unfinished(before),

    deletedBlobs: (limit) => deleted.all(limit),

    forgetDeletedBlobs(numbers) {
      for (const number of numbers) forget.run(number);
    },

    blobUsage: (scope) => usageOf(scope) ?? { blobs: 0, bytes: 0 },

    // Every id sorts after the empty string.
    listBlobs: (owner, after, limit) =>
      soundOnly(owner === 'all' ? listAll.all(after ?? '', limit) : listOwn.all(owner, after ?? '', limit)).map(
        (row) => withoutNumber(row) as FinishedBlob,
      ),
  };
}
