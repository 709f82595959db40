/** SQL for accounts, enrolment invitations, and the owners of certificates. */
import type { Account, Revoked } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import type { Tables } from '../operation.ts';

type DirectoryTables = Pick<
  Tables,
  | 'findAccount'
  | 'listAccounts'
  | 'register'
  | 'addInvitation'
  | 'revokeAccount'
  | 'revokedAccounts'
  | 'assignCertificate'
  | 'enterRun'
  | 'certificatesOf'
  | 'forgetCertificates'
>;

interface AccountRow extends Omit<Account, 'revoked'> {
  readonly revokedAt: number | null;
  readonly revokedReason: Revoked['reason'] | null;
}

const accountColumns = `user, fingerprint, identity, enrolled_at AS enrolledAt,
  revoked_at AS revokedAt, revoked_reason AS revokedReason`;

const accountOf = ({ revokedAt, revokedReason, ...account }: AccountRow): Account => ({
  ...account,
  revoked: revokedAt === null || revokedReason === null ? null : { at: revokedAt, reason: revokedReason },
});

/** Prepares the operations on accounts, enrolment invitations and owners of certificates. */
export function directoryTables(database: Database): DirectoryTables {
  const byName = database.prepare<[string], AccountRow>(`SELECT ${accountColumns} FROM accounts WHERE user = ?`);
  const byKey = database.prepare<[string], AccountRow>(
    `SELECT ${accountColumns} FROM accounts WHERE fingerprint = ? ORDER BY user`,
  );
  const revoked = database.prepare<[], AccountRow>(
    `SELECT ${accountColumns} FROM accounts INDEXED BY accounts_revoked
     WHERE revoked_at IS NOT NULL ORDER BY user`,
  );
  // Every name sorts after the empty string.
  const listed = database.prepare<[string, number], AccountRow>(
    `SELECT ${accountColumns} FROM accounts WHERE user > ? ORDER BY user LIMIT ?`,
  );
  const addAccount = database.prepare<[string, string, Uint8Array, number]>(
    'INSERT INTO accounts (user, fingerprint, identity, enrolled_at) VALUES (?, ?, ?, ?)',
  );
  const markRevoked = database.prepare<[number, string, string]>(
    'UPDATE accounts SET revoked_at = ?, revoked_reason = ? WHERE fingerprint = ? AND revoked_at IS NULL',
  );
  const deleteKnocks = database.prepare<[string]>('DELETE FROM knocks WHERE user = ?');
  const otherKeyInRoom = database.prepare<[{ user: string; fingerprint: string }]>(
    `SELECT 1 FROM members WHERE user = @user AND fingerprint <> @fingerprint
     UNION ALL SELECT 1 FROM invited WHERE user = @user AND fingerprint <> @fingerprint LIMIT 1`,
  );
  const openInvitation = database.prepare<[string, number]>(
    'SELECT 1 FROM invitations WHERE token_hash = ? AND used_by IS NULL AND expires_at > ?',
  );
  const useInvitation = database.prepare<[string, string]>('UPDATE invitations SET used_by = ? WHERE token_hash = ?');
  const addInvitation = database.prepare<[string, number]>(
    'INSERT INTO invitations (token_hash, expires_at) VALUES (?, ?)',
  );
  const latestIssue = database
    .prepare<[string], number>('SELECT issue FROM holders WHERE user = ? ORDER BY issue DESC LIMIT 1')
    .pluck();
  const addOwner = database.prepare<[string, number, string, number]>(
    'INSERT INTO holders (user, issue, serial, not_after) VALUES (?, ?, ?, ?)',
  );
  const forgetEarlier = database.prepare<[string, number]>('DELETE FROM holders WHERE user = ? AND issue <= ?');
  const forgetExpired = database.prepare<[number]>('DELETE FROM holders WHERE not_after < ?');
  const certificates = database
    .prepare<[string], string>('SELECT serial FROM holders WHERE user = ? ORDER BY issue')
    .pluck();

  const latestRun = database.prepare<[string], { id: string; at: number }>('SELECT id, at FROM runs WHERE user = ?');
  const setRun = database.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO runs (user, id, at) VALUES (?, ?, ?)',
  );

  const isRevoked = ({ revokedAt }: AccountRow): boolean => revokedAt !== null;

  return {
    findAccount(user) {
      const found = byName.get(user);
      return found === undefined ? null : accountOf(found);
    },

    listAccounts: (after, limit) => listed.all(after ?? '', limit).map(accountOf),

    register({ user, fingerprint, identity, enrolledAt }, invitation) {
      if (byKey.all(fingerprint).some(isRevoked)) return 'revoked';
      const before = byName.get(user);
      if (before?.fingerprint === fingerprint) return 'known';
      if (invitation !== null && openInvitation.get(invitation, enrolledAt) === undefined) return 'invitation-refused';
      if (before !== undefined || otherKeyInRoom.get({ user, fingerprint }) !== undefined) return 'taken';
      addAccount.run(user, fingerprint, identity, enrolledAt);
      if (invitation !== null) useInvitation.run(user, invitation);
      return 'registered';
    },

    addInvitation({ tokenHash, expiresAt }) {
      addInvitation.run(tokenHash, expiresAt);
    },

    revokeAccount(user, { at, reason }) {
      const found = byName.get(user);
      if (found === undefined) return [];
      markRevoked.run(at, reason, found.fingerprint);
      const accounts = byKey.all(found.fingerprint);
      for (const account of accounts) deleteKnocks.run(account.user);
      return accounts.map(accountOf);
    },

    revokedAccounts: () => revoked.all().map(accountOf),

    assignCertificate({ serial, user, notAfter }, maxKept) {
      const found = byName.get(user);
      if (found === undefined || isRevoked(found)) return false;
      const issue = (latestIssue.get(user) ?? 0) + 1;
      addOwner.run(user, issue, serial, notAfter);
      forgetEarlier.run(user, issue - maxKept);
      return true;
    },

    enterRun(user, { id, earlier, replaceOthers }, at) {
      const latest = latestRun.get(user);
      if (latest?.id === id) return null;
      if (latest !== undefined && !replaceOthers && !earlier.includes(latest.id)) return latest.at;
      setRun.run(user, id, at);
      return null;
    },

    certificatesOf: (user) => certificates.all(user),

    forgetCertificates(before) {
      forgetExpired.run(before);
    },
  };
}
