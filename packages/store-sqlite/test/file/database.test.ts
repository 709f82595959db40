/** The database file: its mode, its settings, its schema, and the files that are refused. */
import { openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/file/database.ts';
import { migrate, schemaVersion } from '../../src/file/migrate.ts';
import { onlyLinks } from '../../src/file/only-links.ts';
import { firstVersion, migrations } from '../../src/file/schema.ts';
import { openSqliteStore } from '../../src/index.ts';
import { entryAt, roomId } from '../support/entry.ts';
import { temporaryFile } from '../support/temporary-file.ts';

async function storeWith(entries: number): Promise<string> {
  const path = temporaryFile();
  const store = await openSqliteStore(path);
  for (let seq = 1; seq <= entries; seq++) await store.append(entryAt(1, seq, 1_000));
  await store.close();
  return path;
}

describe('opening a store', () => {
  test('syncs commits, which never wait for a checkpoint', () => {
    const options = { create: true, busyTimeoutMs: 0, maxBytes: null };
    const database = openDatabase(temporaryFile(), options);
    const pragma = (name: string) => database.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('fullfsync')).toBe(1);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('wal_autocheckpoint')).toBe(0);
    database.close();
  });

  test.skipIf(process.platform === 'win32')('makes the file and its log readable by their owner only', async () => {
    const path = temporaryFile();
    writeFileSync(path, '', { mode: 0o644 });
    const store = await openSqliteStore(path);
    await store.append(entryAt(1, 1));
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
    await store.close();
  });

  test('leaves one file after closing', async () => {
    const path = await storeWith(5);
    expect(() => statSync(`${path}-wal`)).toThrow(/ENOENT/);
    expect(new Sqlite(path, { readonly: true }).prepare('SELECT count(*) AS n FROM entries').get()).toEqual({ n: 5 });
  });

  test('requires an existing store when it may not create one', async () => {
    const path = temporaryFile();
    await expect(openSqliteStore(path, { create: false })).rejects.toMatchObject({ code: 'store-missing' });
    writeFileSync(path, '');
    await expect(openSqliteStore(path, { create: false })).rejects.toMatchObject({ code: 'store-missing' });
    expect(statSync(path).size).toBe(0);
    await (await openSqliteStore(path)).close();
    await (await openSqliteStore(path, { create: false })).close();
  });

  test('refuses a path that cannot be opened', async () => {
    const below = `${await storeWith(0)}/chat.db`;
    await expect(openSqliteStore(below)).rejects.toMatchObject({ code: 'store-unavailable' });
    const directory = dirname(temporaryFile());
    const { mode } = statSync(directory);
    await expect(openSqliteStore(directory)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(statSync(directory).mode).toBe(mode);
    await expect(openSqliteStore(':memory:')).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});

describe('the schema', () => {
  const fresh = (): Database => new Sqlite(temporaryFile());
  const add = ['ALTER TABLE rooms ADD COLUMN topic TEXT', 'ALTER TABLE rooms ADD COLUMN mood TEXT'];
  const columns = (database: Database) =>
    database.prepare<[], string>("SELECT name FROM pragma_table_info('rooms')").pluck().all();

  test('is brought to a later version step by step, from any earlier one', () => {
    const [old, half, empty] = [fresh(), fresh(), fresh()];
    migrate(old, []);
    migrate(half, add.slice(0, 1));
    for (const database of [old, half, empty]) {
      migrate(database, add);
      expect(columns(database).slice(-2)).toEqual(['topic', 'mood']);
      expect(schemaVersion(database, add)).toBe(firstVersion + 2);
      // A second time has no effect.
      migrate(database, add);
      expect(() => schemaVersion(database, add.slice(0, 1))).toThrow(
        expect.objectContaining({ code: 'store-too-new' }),
      );
      database.close();
    }
  });

  test('tells once how many wraps of an earlier form its update has deleted', async () => {
    const path = temporaryFile();
    const old = new Sqlite(path);
    migrate(old, migrations.slice(0, migrations.indexOf(onlyLinks)));
    old.exec(`
      INSERT INTO rooms (id, room, join_policy, history, created_at, membership_seq, removal_seq) VALUES (1, 'r', 'open', 'all', 1, 1, 0);
      INSERT INTO epochs (room, number, hash, answers) VALUES (1, 1, 'h', 1);
      INSERT INTO wraps (room, epoch, recipient, envelope) VALUES (1, 1, 'alice', 'e'), (1, 1, 'bob', 'e'), (1, 1, 'carol', 'e');
    `);
    old.close();
    const counts: number[] = [];
    const wrapsDeleted = (count: number) => counts.push(count);
    for (const file of [temporaryFile(), path, path]) await (await openSqliteStore(file, { wrapsDeleted })).close();
    expect(counts).toEqual([3]);
  });

  test('stays unchanged when a step fails', () => {
    const database = fresh();
    migrate(database, []);
    expect(() => migrate(database, [...add, 'ALTER TABLE nothing ADD COLUMN x TEXT'])).toThrow(/nothing/);
    expect(schemaVersion(database, [])).toBe(firstVersion);
    expect(columns(database)).not.toContain('topic');
    database.close();
  });
});

describe('a store that cannot be used', () => {
  test('is a file that is no database', async () => {
    const path = temporaryFile();
    const text = 'This is not a database, but it is long enough to be taken for one. '.repeat(100);
    writeFileSync(path, text);
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('is a database of another program', async () => {
    const path = temporaryFile();
    new Sqlite(path).exec('CREATE TABLE songs (title TEXT)').close();
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' });
  });

  test('is a store of a later version', async () => {
    const path = await storeWith(1);
    const database = new Sqlite(path);
    database.pragma('user_version = 1000');
    database.close();
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-too-new' });
  });

  test('is a store of a development version', async () => {
    const path = temporaryFile();
    const old = new Sqlite(path);
    old.exec('CREATE TABLE rooms (id INTEGER PRIMARY KEY)');
    old.pragma('application_id = 0x63686174');
    old.pragma('user_version = 2');
    old.close();
    const before = readFileSync(path);
    await expect(openSqliteStore(path)).rejects.toMatchObject({
      code: 'store-too-old',
      message: expect.stringMatching(/development version.*start with a new data directory/),
    });
    expect(readFileSync(path)).toEqual(before);
  });

  test('is a file that was truncated', async () => {
    const path = await storeWith(100);
    truncateSync(path, 4096);
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' });
  });

  test('is damaged for callers that read an overwritten page, and readable elsewhere', async () => {
    const path = await storeWith(100);
    const [size, pageSize] = [statSync(path).size, 4096];
    const file = openSync(path, 'r+');
    // The last pages hold the latest entries.
    for (let at = size - 4 * pageSize; at < size; at += pageSize)
      writeSync(file, Buffer.alloc(pageSize, 0xa5), 0, pageSize, at);
    const store = await openSqliteStore(path);
    const everything = store.read(roomId(1), 0, 1_000, Number.MAX_SAFE_INTEGER);
    await expect(everything).rejects.toMatchObject({ code: 'store-damaged' });
    expect(await store.read(roomId(1), 0, 5, Number.MAX_SAFE_INTEGER)).toHaveLength(5);
    await store.close();
  });
});
