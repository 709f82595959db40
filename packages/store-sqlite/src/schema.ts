/** The tables, as a list of migrations: a file's `user_version` says how many of them it has seen. */
import type { Database } from 'better-sqlite3';
import { StoreError } from './store-error.ts';

/** `chat` in ASCII: tells a chat store from any other SQLite file. */
const applicationId = 0x63686174;

/**
 * Append only; a published migration is never changed.
 *
 * `entries` is an ordinary table in the order of arrival, with the position in an index of its own: entries of many
 * rooms that are committed together then share pages, and a large payload stays in its row.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE accounts (
    user TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    identity BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_by TEXT REFERENCES accounts
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,
    user TEXT,
    fingerprint TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    issued_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX certificates_by_user ON certificates (user, issued_at);

  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL UNIQUE,
    name TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    membership_seq INTEGER NOT NULL,
    removal_seq INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE members (
    room INTEGER NOT NULL REFERENCES rooms,
    user TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (room, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_by_user ON members (user);

  CREATE TABLE epochs (
    room INTEGER NOT NULL REFERENCES rooms,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (room, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE wraps (
    room INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    envelope TEXT NOT NULL,
    PRIMARY KEY (room, epoch, recipient),
    FOREIGN KEY (room, epoch) REFERENCES epochs
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES rooms,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    payload TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    signature TEXT NOT NULL,
    hash TEXT NOT NULL,
    author TEXT NOT NULL,
    cid TEXT NOT NULL,
    UNIQUE (room, seq),
    UNIQUE (author, cid)
  ) STRICT;
  `,
  // In rooms from before there were roles, who has been there longest is the owner: as their members find from the log.
  `
  ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'moderator', 'member'));
  ALTER TABLE members ADD COLUMN role_seq INTEGER NOT NULL DEFAULT 0;
  UPDATE members SET role_seq = joined_at,
    role = CASE joined_at WHEN (SELECT min(joined_at) FROM members AS other WHERE other.room = members.room)
      THEN 'owner' ELSE 'member' END;

  CREATE TABLE removals (
    room INTEGER NOT NULL REFERENCES rooms,
    fingerprint TEXT NOT NULL,
    user TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, fingerprint)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Brings a file to this version's schema, in one transaction. Throws as `schemaVersion` does. */
export function migrate(database: Database): void {
  if (schemaVersion(database) === migrations.length) return;
  database
    .transaction(() => {
      // Another process may have done it while this one waited for the lock.
      const version = schemaVersion(database);
      for (const migration of migrations.slice(version)) database.exec(migration);
      database.pragma(`application_id = ${applicationId}`);
      database.pragma(`user_version = ${migrations.length}`);
    })
    .immediate();
}

/**
 * The schema version of a file, 0 when it is empty; changes nothing.
 * Throws `store-too-new`, and `store-damaged` when it is another program's.
 */
export function schemaVersion(database: Database): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  const owner = database.pragma('application_id', { simple: true });
  const tables = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM sqlite_schema').get()?.count;
  if (tables === 0 && version === 0) return 0;
  if (owner !== applicationId) {
    throw new StoreError('store-damaged', `${database.name} is a database of another program: choose another file.`);
  }
  if (version > migrations.length) {
    throw new StoreError(
      'store-too-new',
      `${database.name} has schema ${version} and this program knows ${migrations.length}: use the newer program.`,
    );
  }
  return version;
}
