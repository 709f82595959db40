/** The step of the schema from which on invitations can be for one name or for several users, and names of revoked keys can be freed. */

/** SQL of the step. `user` is the one name that an invitation enrols, `uses` how many users, `used` how many it has. */
export const namedInvitations = `ALTER TABLE invitations ADD COLUMN user TEXT;
  ALTER TABLE invitations ADD COLUMN uses INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE invitations ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
  UPDATE invitations SET used = used_by IS NOT NULL;
  UPDATE invitations SET checksum = row_checksum('invitations', token_hash, expires_at, used_by, user, uses, used);
  CREATE INDEX invitations_by_user ON invitations (user) WHERE user IS NOT NULL;
  CREATE TABLE retired_keys (
    fingerprint TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    checksum TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;`;
