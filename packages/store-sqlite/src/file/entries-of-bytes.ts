/** The step of the schema that stores the bytes of entries as bytes: payloads, signatures, hashes and ids. */

/** SQL of the step. It copies the table, because the types of its columns change. */
export const entriesOfBytes = `CREATE TABLE entries_of_bytes (
  id INTEGER PRIMARY KEY,
  room INTEGER NOT NULL REFERENCES rooms,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  payload BLOB NOT NULL,
  signed_by BLOB NOT NULL,
  signature BLOB NOT NULL,
  hash BLOB NOT NULL,
  log_hash BLOB NOT NULL,
  author TEXT,
  cid BLOB NOT NULL,
  deleted_at INTEGER,
  messages INTEGER NOT NULL DEFAULT 0,
  message_bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (room, seq),
  UNIQUE (author, cid)
) STRICT;
INSERT INTO entries_of_bytes (id, room, seq, at, type, payload, signed_by, signature, hash, log_hash, author, cid,
    deleted_at, messages, message_bytes)
  SELECT id, room, seq, at, type, CAST(payload AS BLOB), hex_bytes(signed_by), base64url_bytes(signature), hex_bytes(hash),
    hex_bytes(log_hash), author, hex_bytes(cid), deleted_at, messages, message_bytes
  FROM entries ORDER BY id;
DROP TABLE entries;
ALTER TABLE entries_of_bytes RENAME TO entries;`;
