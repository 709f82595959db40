/** SQL for the wraps of epochs, which are stored in sheets. */
import type { FoundWrap, WrapSheet } from '@chat/server-core';
import { isIn, withoutWrap, wrapIn } from '@chat/server-core/wrap-sheet';
import type { Database } from 'better-sqlite3';
import { insertion, isSound, sealing } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type WrapTables = Pick<Tables, 'findWraps' | 'findSheet' | 'confirmWraps' | 'expireWraps'>;

interface SheetRow extends WrapSheet {
  readonly rowid: number;
}

/** A sheet to store. */
export interface AddedSheet {
  /** Epoch number. */
  readonly number: number;
  /** Milliseconds. */
  readonly at: number;
  readonly sheet: WrapSheet;
}

/** Prepares the function that stores a sheet in the room with this row id. */
export function sheetInsertion(database: Database): (id: number, added: AddedSheet) => void {
  const insert = database.prepare<[object]>(insertion('wrap_sheets'));
  return (id, { number, at, sheet }) => {
    const { recipients, slots, above } = sheet;
    insert.run({
      ...sheet,
      room: id,
      epoch: number,
      at,
      first: Buffer.from(recipients.subarray(0, 32)),
      recipients: Buffer.from(recipients),
      slots: Buffer.from(slots),
      above: Buffer.from(above),
    });
  };
}

/** Prepares the operations on wraps. */
export function wrapTables(database: Database): WrapTables {
  const idOf = database.prepare<[string], number>('SELECT id FROM rooms WHERE room = ?').pluck();
  // The sheets of an epoch follow each other without overlaps: a recipient can only be in the last one that does not begin later.
  const covering = database.prepare<[number, number, Buffer], SheetRow>(
    `SELECT rowid, place, size, recipients, slots, waiting, above FROM (
       SELECT rowid, * FROM wrap_sheets WHERE room = ? AND epoch = ? AND first <= ? ORDER BY first DESC LIMIT 1
     ) AS found WHERE ${isSound('wrap_sheets', 'found')}`,
  );
  const overwrite = database.prepare<[Buffer, number, number]>(
    'UPDATE wrap_sheets SET slots = ?, waiting = ? WHERE rowid = ?',
  );
  const seal = database.prepare<[number]>(sealing('wrap_sheets', 'rowid = ?'));
  const remove = database.prepare<[number]>('DELETE FROM wrap_sheets WHERE rowid = ?');
  const old = database
    .prepare<[number, number], number>(
      `SELECT rowid FROM wrap_sheets WHERE at < ? AND NOT EXISTS (
         SELECT 1 FROM rooms JOIN invited ON invited.room = rooms.id
         WHERE rooms.id = wrap_sheets.room AND join_policy = 'direct'
       ) ORDER BY at LIMIT ?`,
    )
    .pluck();

  const bytesOf = (fingerprint: string): Buffer => Buffer.from(fingerprint, 'hex');

  return {
    findWraps(roomId, recipient, { from, to }) {
      const id = idOf.get(roomId);
      const found: FoundWrap[] = [];
      for (let number = from; id !== undefined && number <= to; number++) {
        const sheet = covering.get(id, number, bytesOf(recipient));
        const wrap = sheet === undefined ? null : wrapIn(sheet, recipient);
        if (wrap !== null) found.push({ number, wrap });
      }
      return found;
    },

    findSheet(roomId, recipient, epochNumber) {
      const id = idOf.get(roomId);
      const row = id === undefined ? undefined : covering.get(id, epochNumber, bytesOf(recipient));
      if (row === undefined || !isIn(row, recipient)) return null;
      const { rowid: _, ...sheet } = row;
      return sheet;
    },

    confirmWraps(confirmations) {
      // Each sheet is written once, however many of its recipients confirm together.
      const changed = new Map<number, WrapSheet>();
      for (const { room, recipient, from, to } of confirmations) {
        const id = idOf.get(room);
        for (let number = from; id !== undefined && number <= to; number++) {
          const row = covering.get(id, number, bytesOf(recipient));
          const after = row && withoutWrap(changed.get(row.rowid) ?? row, recipient);
          if (row !== undefined && after != null) changed.set(row.rowid, after);
        }
      }
      for (const [rowid, { slots, waiting }] of changed) {
        if (waiting === 0) remove.run(rowid);
        else {
          overwrite.run(Buffer.from(slots), waiting, rowid);
          seal.run(rowid);
        }
      }
    },

    expireWraps({ before, limit }) {
      const rows = old.all(before, limit);
      for (const rowid of rows) remove.run(rowid);
      return { rows: rows.length, more: rows.length === limit };
    },
  };
}
