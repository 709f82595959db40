/** The step of the schema from which on users can store an encrypted backup of their profiles. */

/** SQL of the step. A chunk is authenticated by its owner's key; its checksum finds what the disk has damaged. */
export const recoveries = `CREATE TABLE recoveries (
    user TEXT PRIMARY KEY REFERENCES accounts,
    key TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    number INTEGER NOT NULL,
    manifest BLOB,
    checksum TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recovery_chunks (
    user TEXT NOT NULL REFERENCES recoveries,
    chunk_id BLOB NOT NULL,
    size INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    checksum TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (user, chunk_id)
  ) STRICT;
  CREATE INDEX recovery_chunks_by_size ON recovery_chunks (user, size);`;
