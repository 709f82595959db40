/** The query plan of every statement: what it reads does not grow with the number of rooms, users or entries. */
import type { Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/file/database.ts';
import { directoryTables } from '../../src/tables/directory-tables.ts';
import { knockTables } from '../../src/tables/knock-tables.ts';
import { ledgerTables } from '../../src/tables/ledger-tables.ts';
import { linkTables } from '../../src/tables/link-tables.ts';
import { logTables } from '../../src/tables/log-tables.ts';
import { prekeyTables } from '../../src/tables/prekey-tables.ts';
import { retentionTables } from '../../src/tables/retention-tables.ts';
import { RoomHeads } from '../../src/tables/room-heads.ts';
import { roomTables } from '../../src/tables/room-tables.ts';
import { wrapTables } from '../../src/tables/wrap-tables.ts';
import { temporaryFile } from '../support/temporary-file.ts';

interface PlanRow {
  readonly detail: string;
}

/** Returns the SQL of every statement that the store prepares. */
function statementsOf(database: Database): string[] {
  const prepared: string[] = [];
  const watched = new Proxy(database, {
    get(target, property) {
      if (property !== 'prepare') return Reflect.get(target, property);
      return (sql: string) => {
        prepared.push(sql);
        return target.prepare(sql);
      };
    },
  });
  logTables(watched, new RoomHeads(database));
  const all = [
    roomTables,
    knockTables,
    prekeyTables,
    linkTables,
    wrapTables,
    directoryTables,
    ledgerTables,
    retentionTables,
  ];
  for (const tables of all) {
    tables(watched);
  }
  return prepared;
}

/** Returns the steps of a statement that read a whole table, or a whole index. */
function scansOf(database: Database, tables: ReadonlySet<string>, sql: string): string[] {
  const plan = database.prepare<unknown[], PlanRow>(`EXPLAIN QUERY PLAN ${sql}`);
  const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]);
  const values = names.length > 0 ? [Object.fromEntries(names)] : [...sql.matchAll(/\?/g)].map(() => null);
  return plan
    .all(...values)
    .map(({ detail }) => detail)
    .filter((detail) => tables.has(/^SCAN (\S+)/.exec(detail)?.[1] ?? ''));
}

test('no statement reads a whole table, except lists of what was revoked', () => {
  const database = openDatabase(temporaryFile(), { create: true, busyTimeoutMs: 1_000, maxBytes: null });
  try {
    const tables = new Set(
      database.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(),
    );
    const statements = statementsOf(database);
    expect(statements.length).toBeGreaterThan(40);
    const scans = statements.flatMap((sql) => scansOf(database, tables, sql));
    expect(scans.sort()).toEqual([
      // The latest list only: the statement ends after one row.
      'SCAN revocation_lists USING INDEX sqlite_autoindex_revocation_lists_1',
      // The revocation list names every revoked certificate that has not expired.
      'SCAN revocations',
    ]);
  } finally {
    database.close();
  }
});

test('finding and listing rooms reads the rooms of one page and those of the user', () => {
  const database = openDatabase(temporaryFile(), { create: true, busyTimeoutMs: 1_000, maxBytes: null });
  try {
    const sql = statementsOf(database).filter((each) => /FROM rooms WHERE name = @name|WITH visible/.test(each));
    expect(sql).toHaveLength(2);
    const indexes = sql.flatMap((each) =>
      database
        .prepare<unknown[], PlanRow>(`EXPLAIN QUERY PLAN ${each}`)
        .all({ name: null, user: null, after: null, limit: null, invitedAfter: null })
        .map(({ detail }) => detail)
        .filter((detail) => detail.includes('SEARCH rooms')),
    );
    expect(indexes.map((detail) => detail.replace('COVERING ', '')).sort()).toEqual([
      'SEARCH rooms USING INDEX rooms_open (name>?)',
      'SEARCH rooms USING INDEX sqlite_autoindex_rooms_2 (name=?)',
      // The rooms to which the user is invited, and those of the page.
      'SEARCH rooms USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH rooms USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  } finally {
    database.close();
  }
});
