/** Accounts, invitations, and the ledger of issued certificates. */
import type { Account } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { Conflict } from './conflict.ts';
import type { Tables } from './operation.ts';

export function directoryTables(
  database: Database,
): Pick<Tables, 'findAccount' | 'register' | 'addInvitation' | 'recordCertificate'> {
  const account = database.prepare<[string], Account>(
    'SELECT user, fingerprint, identity, enrolled_at AS enrolledAt FROM accounts WHERE user = ?',
  );
  const addAccount = database.prepare<[string, string, Uint8Array, number]>(
    'INSERT INTO accounts (user, fingerprint, identity, enrolled_at) VALUES (?, ?, ?, ?)',
  );
  const openInvitation = database.prepare<[string, number]>(
    'SELECT 1 FROM invitations WHERE token_hash = ? AND used_by IS NULL AND expires_at > ?',
  );
  const useInvitation = database.prepare<[string, string]>('UPDATE invitations SET used_by = ? WHERE token_hash = ?');
  const addInvitation = database.prepare<[string, number]>(
    'INSERT INTO invitations (token_hash, expires_at) VALUES (?, ?)',
  );
  const knownSerial = database.prepare<[string]>('SELECT 1 FROM certificates WHERE serial = ?');
  const addCertificate = database.prepare<[string, string | null, string, number, number, number]>(
    `INSERT INTO certificates (serial, user, fingerprint, not_before, not_after, issued_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );

  return {
    findAccount: (user) => account.get(user) ?? null,

    register({ user, fingerprint, identity, enrolledAt }, invitation) {
      const before = account.get(user);
      if (before !== undefined) return before.fingerprint === fingerprint ? 'known' : 'taken';
      if (invitation !== null && openInvitation.get(invitation, enrolledAt) === undefined) return 'invitation-refused';
      addAccount.run(user, fingerprint, identity, enrolledAt);
      if (invitation !== null) useInvitation.run(user, invitation);
      return 'registered';
    },

    addInvitation({ tokenHash, expiresAt }) {
      addInvitation.run(tokenHash, expiresAt);
    },

    recordCertificate({ serial, user, fingerprint, notBefore, notAfter, issuedAt }) {
      if (knownSerial.get(serial) !== undefined) {
        throw new Conflict('duplicate', `A certificate with the serial ${serial} was recorded before.`);
      }
      addCertificate.run(serial, user, fingerprint, notBefore, notAfter, issuedAt);
    },
  };
}
