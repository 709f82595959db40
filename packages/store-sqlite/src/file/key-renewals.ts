/** The step of the schema from which on users can renew their identity keys. */

/** SQL of the step. `previous` is the key before, `key` the new one. */
export const keyRenewals = `CREATE TABLE key_renewals (
    user TEXT NOT NULL REFERENCES accounts,
    number INTEGER NOT NULL,
    previous TEXT NOT NULL,
    key TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    signature TEXT NOT NULL,
    proof TEXT NOT NULL,
    checksum TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (user, number)
  ) STRICT, WITHOUT ROWID;`;
