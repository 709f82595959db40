/** The steps of the schema from which on knocks and invitations end by their age. */

/** SQL of the first step. The time of earlier knocks counts from this step on. */
export const knocksEnd = `ALTER TABLE knocks ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE knocks ADD COLUMN dismissed_at INTEGER;
  UPDATE knocks SET at = 1000 * CAST(strftime('%s', 'now') AS INTEGER);
  CREATE INDEX knocks_by_time ON knocks (at) WHERE dismissed_at IS NULL;
  CREATE INDEX knocks_by_dismissal ON knocks (dismissed_at) WHERE dismissed_at IS NOT NULL;
  UPDATE knocks SET checksum = row_checksum('knocks', room, user, id, payload, signed_by, signature, at, dismissed_at);`;

/** SQL of the second step. The time of earlier invitations counts from this step on, as in the members' clients. */
export const invitationsEnd = `ALTER TABLE invited ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  UPDATE invited SET at = 1000 * CAST(strftime('%s', 'now') AS INTEGER);
  UPDATE invited SET checksum = row_checksum('invited', room, user, fingerprint, seq, by, at);`;
