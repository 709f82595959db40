/** The owners of certificates: how many rows a user has, and what a renewal and a revocation touch. */
import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/file/database.ts';
import { migrate } from '../../src/file/migrate.ts';
import { migrations } from '../../src/file/schema.ts';
import { directoryTables } from '../../src/tables/directory-tables.ts';
import { temporaryFile } from '../support/temporary-file.ts';

const options = { create: true, busyTimeoutMs: 1_000, maxBytes: null };
const identity = new Uint8Array(1);

const rowsOf = (database: Database) =>
  database.prepare<[], { user: string; serial: string }>('SELECT user, serial FROM holders ORDER BY user, issue').all();

test('1,000 renewals of one user leave two rows', () => {
  const database = openDatabase(temporaryFile(), options);
  const directory = directoryTables(database);
  for (const user of ['alice', 'bob']) directory.register({ user, fingerprint: user, identity, enrolledAt: 1 }, null);
  directory.assignCertificate({ serial: 'b', user: 'bob', notAfter: 1 }, 2);
  // One transaction, because each of its own would wait for the disk.
  database.transaction(() => {
    for (let n = 0; n < 1_000; n++) directory.assignCertificate({ serial: `${n}`, user: 'alice', notAfter: n }, 2);
  })();
  expect(rowsOf(database)).toEqual([
    { user: 'alice', serial: '998' },
    { user: 'alice', serial: '999' },
    { user: 'bob', serial: 'b' },
  ]);
  database.close();
});

test('the certificates of a user are found and forgotten by the key of the table', () => {
  const database = openDatabase(temporaryFile(), options);
  const prepared: string[] = [];
  directoryTables(
    new Proxy(database, {
      get: (target, property) =>
        property === 'prepare'
          ? (sql: string) => {
              prepared.push(sql);
              return target.prepare(sql);
            }
          : Reflect.get(target, property),
    }),
  );
  const plans = prepared
    .filter((sql) => /FROM holders/.test(sql))
    .map((sql) => {
      const values = [...sql.matchAll(/\?/g)].map(() => null);
      const rows = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
      return rows.map(({ detail }) => detail).join('; ');
    });
  expect(plans.sort()).toEqual([
    'SEARCH holders USING INDEX holders_by_end (not_after<?)',
    'SEARCH holders USING PRIMARY KEY (user=? AND issue<?)',
    'SEARCH holders USING PRIMARY KEY (user=?)',
    'SEARCH holders USING PRIMARY KEY (user=?)',
  ]);
  database.close();
});

test('an older store keeps the two certificates of each user that were issued last', () => {
  const database = new Sqlite(temporaryFile());
  const step = migrations.findIndex((sql) => sql.includes('latest_holders'));
  migrate(database, migrations.slice(0, step));
  for (const user of ['alice', 'bob']) {
    database
      .prepare('INSERT INTO accounts (user, fingerprint, identity, enrolled_at) VALUES (?, ?, ?, 1)')
      .run(user, user, identity);
  }
  const issue = database.prepare(
    `INSERT INTO certificates (position, serial, at, profile, lifetime_ms, not_before, not_after, fingerprint, certificate)
     VALUES (?, ?, 1, 'client', 1, 1, 1, ?, '')`,
  );
  const hold = database.prepare('INSERT INTO holders (serial, user, not_after) VALUES (?, ?, ?)');
  // The clock was ahead when the second one was issued.
  for (const [position, serial, notAfter] of [
    [7, 'c', 5],
    [8, 'b', 9_000],
    [9, 'd', 6],
    [12, 'a', 7],
  ] as const) {
    issue.run(position, serial, serial);
    hold.run(serial, 'alice', notAfter);
  }
  hold.run('x', 'bob', 1);
  migrate(database, migrations);
  expect(rowsOf(database)).toEqual([
    { user: 'alice', serial: 'd' },
    { user: 'alice', serial: 'a' },
    { user: 'bob', serial: 'x' },
  ]);
  expect(database.pragma('foreign_key_check')).toEqual([]);
  database.close();
});
