/** Invitations of an earlier version: a used one stays used, and an open one enrols one user under any name. */
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from '../../src/file/migrate.ts';
import { namedInvitations } from '../../src/file/named-invitations.ts';
import { addRowChecks, damagedRowsOf } from '../../src/file/row-checks.ts';
import { migrations } from '../../src/file/schema.ts';
import { enrolling, invitationTables } from '../../src/tables/invitation-tables.ts';
import { temporaryFile } from '../support/temporary-file.ts';

test('an older store keeps its invitations as they are', () => {
  const database = new Sqlite(temporaryFile());
  migrate(database, migrations.slice(0, migrations.indexOf(namedInvitations)));
  database.exec(`INSERT INTO accounts (user, fingerprint, identity, enrolled_at) VALUES ('alice', 'f', x'01', 1);
    INSERT INTO invitations (token_hash, expires_at, used_by) VALUES ('used', 9, 'alice'), ('open', 9, NULL)`);
  migrate(database, migrations);
  addRowChecks(database);
  expect(damagedRowsOf(database, 'invitations')).toEqual([]);
  const { openInvitations, withdrawInvitation } = invitationTables(database);
  expect(openInvitations(1, 9)).toEqual([{ tokenHash: 'open', expiresAt: 9, user: null, uses: 1 }]);
  const { refusal } = enrolling(database);
  const bob = { user: 'bob', fingerprint: 'b', identity: new Uint8Array(1), enrolledAt: 1 };
  expect([refusal('used', bob), refusal('open', bob)]).toEqual(['invitation-refused', null]);
  expect(withdrawInvitation('used')).toBe(false);
  database.close();
});
