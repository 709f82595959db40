/** The schema of the database. */
import { blobs } from './blobs.ts';
import { invitationsEnd, knocksEnd } from './endings.ts';
import { entriesOfBytes } from './entries-of-bytes.ts';
import { keyRenewals } from './key-renewals.ts';
import { linksAndSheets } from './links-and-sheets.ts';
import { namedInvitations } from './named-invitations.ts';
import { onlyLinks } from './only-links.ts';
import { recoveries } from './recoveries.ts';

/** Schema version of `tables`, stored as `user_version`. Versions before it were never published. */
export const firstVersion = 3;
/**
 * SQL of the first published version.
 *
 * `entries` is an ordinary table in the order of arrival, with a separate index of positions. Entries of many rooms that are
 * committed together then share pages, and a large payload stays in its row.
 *
 * `certificates`, `revocations` and `revocation_lists` are the CA's ledger; `position` orders the records of all three.
 */
export const tables = `
  CREATE TABLE accounts (
    user TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    identity BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_reason TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX accounts_by_key ON accounts (fingerprint);
  CREATE INDEX accounts_revoked ON accounts (revoked_at) WHERE revoked_at IS NOT NULL;

  CREATE TABLE prekeys (
    user TEXT PRIMARY KEY REFERENCES accounts,
    prekey TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    signature TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_by TEXT REFERENCES accounts
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE certificates (
    position INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    profile TEXT NOT NULL,
    lifetime_ms INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    certificate TEXT NOT NULL
  ) STRICT;

  CREATE TABLE revocations (
    position INTEGER PRIMARY KEY,
    serial TEXT NOT NULL UNIQUE REFERENCES certificates (serial),
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;

  CREATE TABLE revocation_lists (
    position INTEGER PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    next_update INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE holders (
    serial TEXT PRIMARY KEY,
    user TEXT NOT NULL REFERENCES accounts,
    not_after INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holders_by_user ON holders (user, not_after);

  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL UNIQUE,
    name TEXT UNIQUE,
    join_policy TEXT NOT NULL CHECK (join_policy IN ('open', 'invite', 'verified', 'direct')),
    history TEXT NOT NULL CHECK (history IN ('since-join', 'all')),
    created_at INTEGER NOT NULL,
    membership_seq INTEGER NOT NULL,
    removal_seq INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE members (
    room INTEGER NOT NULL REFERENCES rooms,
    user TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    reads_from INTEGER NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
    role_seq INTEGER NOT NULL,
    PRIMARY KEY (room, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_by_user ON members (user);

  CREATE TABLE invited (
    room INTEGER NOT NULL REFERENCES rooms,
    user TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    seq INTEGER NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (room, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX invited_by_user ON invited (user);

  CREATE TABLE removals (
    room INTEGER NOT NULL REFERENCES rooms,
    fingerprint TEXT NOT NULL,
    user TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, fingerprint)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE revoked (
    room INTEGER NOT NULL REFERENCES rooms,
    fingerprint TEXT NOT NULL,
    user TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, fingerprint)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE knocks (
    id INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES rooms,
    user TEXT NOT NULL,
    payload TEXT NOT NULL,
    signed_by TEXT NOT NULL,
    signature TEXT NOT NULL,
    UNIQUE (room, user)
  ) STRICT;
  CREATE INDEX knocks_by_user ON knocks (user);

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
    log_hash TEXT NOT NULL,
    author TEXT,
    cid TEXT NOT NULL,
    UNIQUE (room, seq),
    UNIQUE (author, cid)
  ) STRICT;
`;

/** SQL of each version after the first, one step each. Steps are only added; a published step never changes. */
export const migrations: readonly string[] = [
  // The latest run of each user's client: the time of its first login.
  `CREATE TABLE runs (
    user TEXT PRIMARY KEY REFERENCES accounts,
    id TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`,
  // Rooms are found and listed without a scan: of other rooms, or of their members.
  `
  ALTER TABLE rooms ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0;
  UPDATE rooms SET member_count = (SELECT count(*) FROM members WHERE members.room = rooms.id);
  CREATE INDEX rooms_open ON rooms (name) WHERE join_policy = 'open' AND name IS NOT NULL;
  CREATE INDEX removals_by_user ON removals (room, user);
  CREATE INDEX revoked_by_user ON revoked (room, user);
  `,
  // Position and time of the latest fresh epoch, for each epoch.
  `ALTER TABLE epochs ADD COLUMN fresh_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE epochs ADD COLUMN fresh_at INTEGER NOT NULL DEFAULT 0;
  CREATE TEMP TABLE fresh AS
    SELECT epochs.room, number, seq, at FROM entries
    JOIN epochs ON epochs.room = entries.room AND epochs.hash = entries.hash
    WHERE type = 'epoch' AND json_extract(payload, '$.kind') = 'fresh';
  CREATE INDEX temp.fresh_by_number ON fresh (room, number);
  UPDATE epochs SET (fresh_seq, fresh_at) = (
    SELECT seq, at FROM temp.fresh WHERE fresh.room = epochs.room AND fresh.number <= epochs.number
    ORDER BY fresh.number DESC LIMIT 1
  ) WHERE EXISTS (SELECT 1 FROM temp.fresh WHERE fresh.room = epochs.room AND fresh.number <= epochs.number);
  DROP TABLE temp.fresh;`,
  // The two latest certificates of each user, in the order of their issue.
  `CREATE TABLE latest_holders (
    user TEXT NOT NULL REFERENCES accounts,
    issue INTEGER NOT NULL,
    serial TEXT NOT NULL UNIQUE,
    not_after INTEGER NOT NULL,
    PRIMARY KEY (user, issue)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO latest_holders (user, issue, serial, not_after)
    SELECT user, 3 - back, serial, not_after FROM (
      SELECT user, serial, holders.not_after,
        row_number() OVER (PARTITION BY user ORDER BY position DESC, holders.not_after DESC) AS back
      FROM holders LEFT JOIN certificates USING (serial)
    ) WHERE back <= 2;
  DROP TABLE holders;
  ALTER TABLE latest_holders RENAME TO holders;
  CREATE INDEX holders_by_end ON holders (not_after);`,
  `CREATE TABLE deleted_rooms (room TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
  // Retention. `deleted_at` marks a message whose payload, signer and signature were deleted. `messages` and `message_bytes` count
  // the messages of the room up to an entry, with the deleted ones, so that no append and no look-up counts them: only the latest
  // entry of a room needs them. `expired_*` say up to which position all messages were deleted, and how many these were;
  // `wraps_swept` is the epoch before which no wraps of departed users are left.
  `ALTER TABLE entries ADD COLUMN deleted_at INTEGER;
  ALTER TABLE entries ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE entries ADD COLUMN message_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN expired_seq INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN expired_messages INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN expired_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN wraps_swept INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE rooms ADD COLUMN keep_ms INTEGER;
  ALTER TABLE rooms ADD COLUMN keep_messages INTEGER;
  ALTER TABLE rooms ADD COLUMN keep_bytes INTEGER;
  CREATE TEMP TABLE usage AS
    SELECT room, max(seq) AS head, sum(type = 'message') AS messages,
      sum(CASE WHEN type = 'message' THEN octet_length(payload) ELSE 0 END) AS bytes
    FROM entries GROUP BY room;
  CREATE INDEX temp.usage_by_head ON usage (room, head);
  UPDATE entries SET (messages, message_bytes) = (
    SELECT usage.messages, bytes FROM temp.usage WHERE usage.room = entries.room AND head = seq
  ) WHERE id IN (SELECT id FROM temp.usage JOIN entries USING (room) WHERE seq = head);
  DROP TABLE temp.usage;`,
  // A checksum for each row that has no hash of its own (row-checks.ts).
  `
  ALTER TABLE accounts ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE accounts SET checksum = row_checksum('accounts',
    user, fingerprint, identity, enrolled_at, revoked_at, revoked_reason);
  ALTER TABLE prekeys ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE prekeys SET checksum = row_checksum('prekeys', user, prekey, made_at, signature);
  ALTER TABLE runs ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE runs SET checksum = row_checksum('runs', user, id, at);
  ALTER TABLE invitations ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE invitations SET checksum = row_checksum('invitations', token_hash, expires_at, used_by);
  ALTER TABLE holders ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE holders SET checksum = row_checksum('holders', user, issue, serial, not_after);
  ALTER TABLE certificates ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE certificates SET checksum = row_checksum('certificates',
    serial, position, at, profile, lifetime_ms, not_before, not_after, fingerprint, certificate);
  ALTER TABLE revocations ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE revocations SET checksum = row_checksum('revocations', serial, position, at, reason);
  ALTER TABLE revocation_lists ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE revocation_lists SET checksum = row_checksum('revocation_lists', number, position, at, next_update);
  ALTER TABLE rooms ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE rooms SET checksum = row_checksum('rooms',
    room, id, name, join_policy, history, created_at, membership_seq, removal_seq, member_count,
    expired_seq, expired_messages, expired_bytes, wraps_swept, keep_ms, keep_messages, keep_bytes);
  ALTER TABLE members ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE members SET checksum = row_checksum('members', room, user, fingerprint, joined_at, reads_from, role, role_seq);
  ALTER TABLE invited ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE invited SET checksum = row_checksum('invited', room, user, fingerprint, seq, by);
  ALTER TABLE removals ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE removals SET checksum = row_checksum('removals', room, fingerprint, user, seq);
  ALTER TABLE revoked ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE revoked SET checksum = row_checksum('revoked', room, fingerprint, user, seq);
  ALTER TABLE knocks ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE knocks SET checksum = row_checksum('knocks', room, user, id, payload, signed_by, signature);
  ALTER TABLE epochs ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE epochs SET checksum = row_checksum('epochs', room, number, hash, answers, fresh_seq, fresh_at);
  ALTER TABLE wraps ADD COLUMN checksum TEXT NOT NULL DEFAULT '';
  UPDATE wraps SET checksum = row_checksum('wraps', room, epoch, recipient, envelope);
  `,
  // Knocks and invitations end: each one has its time, a knock also that of its dismissal.
  knocksEnd,
  invitationsEnd,
  // Bytes are stored as bytes. What is not of the right form, because the disk has damaged it, stays as it is: its hash shows it.
  entriesOfBytes,
  linksAndSheets,
  onlyLinks,
  keyRenewals,
  namedInvitations,
  blobs,
  recoveries,
];
