/** The step of the schema from which on keys travel over links only. */

/**
 * SQL of the step. Wraps to keys of P-384 are deleted: such a key does not resist a quantum computer, and no client opens them any more.
 * Prekeys of P-384 are deleted with them. `v` is the version of the epoch entry. The columns `wraps_swept` of `rooms` stays, unused.
 */
export const onlyLinks = `DROP TABLE wraps;
  DROP TABLE prekeys;
  CREATE TABLE prekeys (
    user TEXT PRIMARY KEY REFERENCES accounts,
    suite TEXT NOT NULL CHECK (suite = 'X-Wing'),
    prekey TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    signature TEXT NOT NULL,
    checksum TEXT NOT NULL DEFAULT ''
  ) STRICT;
  ALTER TABLE epochs ADD COLUMN v INTEGER NOT NULL DEFAULT 1;
  UPDATE epochs SET checksum = row_checksum('epochs', room, number, hash, answers, fresh_seq, fresh_at, v);`;
