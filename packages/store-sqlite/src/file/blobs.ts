/** The step of the schema from which on the store keeps blobs. */

/**
 * SQL of the step. `number` names the file with the bytes; no number is used twice. `room` is null for a blob that belongs to its creator
 * alone. `deleted_blobs` has the numbers of deleted blobs whose files may be there.
 */
export const blobs = `CREATE TABLE blobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    room TEXT,
    user TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    hash TEXT,
    checksum TEXT NOT NULL DEFAULT '',
    CHECK ((finished_at IS NULL) = (hash IS NULL))
  ) STRICT;
  CREATE INDEX blobs_by_room ON blobs (room) WHERE room IS NOT NULL;
  CREATE INDEX blobs_by_user ON blobs (user, room, id);
  CREATE INDEX blobs_unfinished ON blobs (created_at) WHERE finished_at IS NULL;
  CREATE TABLE deleted_blobs (number INTEGER PRIMARY KEY) STRICT;`;
