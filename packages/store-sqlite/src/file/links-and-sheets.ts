/** The step of the schema for links between two users, and for the wraps that travel over them. */

/**
 * SQL of the step. An opening has a row of its own, so that its confirmation deletes one. Rows of a kilobyte and more are in tables with
 * a rowid: an index would give each of them a page more.
 */
export const linksAndSheets = `CREATE TABLE links (
    sender BLOB NOT NULL,
    recipient BLOB NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    lost INTEGER NOT NULL DEFAULT 0,
    checksum TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (sender, recipient, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_by_time ON links (at);
  CREATE TABLE openings (
    sender BLOB NOT NULL,
    recipient BLOB NOT NULL,
    id BLOB NOT NULL,
    prekey BLOB NOT NULL,
    opening BLOB NOT NULL,
    at INTEGER NOT NULL,
    checksum TEXT NOT NULL DEFAULT '',
    UNIQUE (sender, recipient, id)
  ) STRICT;
  CREATE INDEX openings_waiting ON openings (recipient, at);
  CREATE TABLE wrap_sheets (
    room INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    first BLOB NOT NULL,
    place INTEGER NOT NULL,
    size INTEGER NOT NULL,
    recipients BLOB NOT NULL,
    slots BLOB NOT NULL,
    waiting INTEGER NOT NULL,
    above BLOB NOT NULL,
    at INTEGER NOT NULL,
    checksum TEXT NOT NULL DEFAULT '',
    UNIQUE (room, epoch, first),
    FOREIGN KEY (room, epoch) REFERENCES epochs
  ) STRICT;
  CREATE INDEX wrap_sheets_by_time ON wrap_sheets (at);
  CREATE INDEX invited_by_key ON invited (fingerprint);`;
