/** SQL for accounts, and the owners of certificates. */
import type { Account, Revoked } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { isSound, requireSound, type Sound, sealOf, soundColumn, soundOnly } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';
import { blobDeletion } from './blob-tables.ts';
import { retiredKeys } from './identity-key-tables.ts';
import { enrolling } from './invitation-tables.ts';

type DirectoryTables = Pick<
  Tables,
  | 'findAccount'
  | 'listAccounts'
  | 'register'
  | 'revokeAccount'
  | 'revokedAccounts'
  | 'assignCertificate'
  | 'enterRun'
  | 'certificatesOf'
  | 'forgetCertificates'
>;

interface AccountRow extends Sound, Omit<Account, 'revoked'> {
  readonly revokedAt: number | null;
  readonly revokedReason: Revoked['reason'] | null;
}

const accountColumns = `user, fingerprint, identity, enrolled_at AS enrolledAt,
  revoked_at AS revokedAt, revoked_reason AS revokedReason, ${soundColumn('accounts')}`;

function accountOf(row: AccountRow): Account {
  const { revokedAt, revokedReason, ...account } = requireSound(row);
  return {
    ...account,
    revoked: revokedAt === null || revokedReason === null ? null : { at: revokedAt, reason: revokedReason },
  };
}

/** Prepares the operations on accounts and owners of certificates. */
export function directoryTables(database: Database): DirectoryTables {
  const byName = database.prepare<[string], AccountRow>(`SELECT ${accountColumns} FROM accounts WHERE user = ?`);
  const byKey = database.prepare<[string], AccountRow>(
    `SELECT ${accountColumns} FROM accounts WHERE fingerprint = ? ORDER BY user`,
  );
  const revoked = database.prepare<[], AccountRow>(
    `SELECT ${accountColumns} FROM accounts INDEXED BY accounts_revoked
     WHERE revoked_at IS NOT NULL AND ${isSound('accounts')} ORDER BY user`,
  );
  // Every name sorts after the empty string.
  const listed = database.prepare<[string, number], AccountRow>(
    `SELECT ${accountColumns} FROM accounts
     WHERE user > ? AND ${isSound('accounts')} ORDER BY user LIMIT ?`,
  );
  const addAccount = database.prepare<[string, string, Uint8Array, number]>(
    'INSERT INTO accounts (user, fingerprint, identity, enrolled_at) VALUES (?, ?, ?, ?)',
  );
  const markRevoked = database.prepare<[number, string, string]>(
    'UPDATE accounts SET revoked_at = ?, revoked_reason = ? WHERE fingerprint = ? AND revoked_at IS NULL',
  );
  const deleteBlobs = blobDeletion(database, 'user = ? AND room IS NULL');
  const deleteKnocks = database.prepare<[string]>('DELETE FROM knocks WHERE user = ?');
  const otherKeyInRoom = database.prepare<[{ user: string; fingerprint: string }]>(
    `SELECT 1 FROM members WHERE user = @user AND fingerprint <> @fingerprint
     UNION ALL SELECT 1 FROM invited WHERE user = @user AND fingerprint <> @fingerprint LIMIT 1`,
  );
  const held = database.prepare<[string], Sound & { issue: number; serial: string }>(
    `SELECT issue, serial, ${soundColumn('holders')} FROM holders WHERE user = ? ORDER BY issue`,
  );
  const addOwner = database.prepare<[string, number, string, number]>(
    'INSERT INTO holders (user, issue, serial, not_after) VALUES (?, ?, ?, ?)',
  );
  const forgetDamaged = database.prepare<[string]>(`DELETE FROM holders WHERE user = ? AND NOT ${isSound('holders')}`);
  const forgetEarlier = database.prepare<[string, number]>('DELETE FROM holders WHERE user = ? AND issue <= ?');
  const forgetExpired = database.prepare<[number]>('DELETE FROM holders WHERE not_after < ?');

  const latestRun = database.prepare<[string], { id: string; at: number }>(
    `SELECT id, at FROM runs WHERE user = ? AND ${isSound('runs')}`,
  );
  const setRun = database.prepare<[string, string, number]>(
    'INSERT OR REPLACE INTO runs (user, id, at) VALUES (?, ?, ?)',
  );

  const sealAccount = sealOf(database, 'accounts');
  const sealHolder = sealOf(database, 'holders');
  const sealRun = sealOf(database, 'runs');

  const invitations = enrolling(database);
  const isRetired = retiredKeys(database);
  const isRevoked = (row: AccountRow): boolean => accountOf(row).revoked !== null;

  return {
    findAccount(user) {
      const found = byName.get(user);
      return found === undefined ? null : accountOf(found);
    },

    listAccounts: (after, limit) => listed.all(after ?? '', limit).map(accountOf),

    register(account, tokenHash) {
      const { user, fingerprint, identity, enrolledAt } = account;
      if (byKey.all(fingerprint).some(isRevoked) || isRetired(fingerprint)) return 'revoked';
      const before = byName.get(user);
      if (before !== undefined && accountOf(before).fingerprint === fingerprint) return 'known';
      const refusal = tokenHash === null ? null : invitations.refusal(tokenHash, account);
      if (refusal !== null) return refusal;
      if (before !== undefined || otherKeyInRoom.get({ user, fingerprint }) !== undefined) return 'taken';
      if (invitations.isReserved(account, tokenHash)) return 'reserved';
      addAccount.run(user, fingerprint, identity, enrolledAt);
      sealAccount(user);
      if (tokenHash !== null) invitations.use(tokenHash, account);
      return 'registered';
    },

    revokeAccount(user, { at, reason }) {
      const found = byName.get(user);
      if (found === undefined) return [];
      const { fingerprint } = accountOf(found);
      const users = byKey.all(fingerprint).map((row) => accountOf(row).user);
      markRevoked.run(at, reason, fingerprint);
      for (const each of users) {
        sealAccount(each);
        deleteKnocks.run(each);
        deleteBlobs(each);
      }
      return byKey.all(fingerprint).map(accountOf);
    },

    revokedAccounts: () => revoked.all().map(accountOf),

    assignCertificate({ serial, user, notAfter }, maxKept) {
      const found = byName.get(user);
      if (found === undefined || isRevoked(found)) return false;
      // A damaged one is of no use any more, and would not give the right order.
      forgetDamaged.run(user);
      const issue = (held.all(user).at(-1)?.issue ?? 0) + 1;
      addOwner.run(user, issue, serial, notAfter);
      sealHolder(user, issue);
      forgetEarlier.run(user, issue - maxKept);
      return true;
    },

    enterRun(user, { id, earlier, replaceOthers }, at) {
      const latest = latestRun.get(user);
      if (latest?.id === id) return null;
      if (latest !== undefined && !replaceOthers && !earlier.includes(latest.id)) return latest.at;
      setRun.run(user, id, at);
      sealRun(user);
      return null;
    },

    certificatesOf: (user) => soundOnly(held.all(user)).map(({ serial }) => serial),

    forgetCertificates(before) {
      forgetExpired.run(before);
    },
  };
}
