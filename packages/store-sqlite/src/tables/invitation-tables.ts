/** SQL for enrolment invitations. */
import type { Invitation, NewAccount } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { insertion, isSound, requireSound, type Sound, sealOf, soundColumn } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

/** What an enrolment does with invitations. */
export interface Enrolling {
  /** Returns why the invitation with this hash does not enrol the account; null when it does. */
  refusal(tokenHash: string, account: NewAccount): 'invitation-refused' | 'invitation-for-another' | null;
  /** Returns whether an invitation for this account's name is open, and it is not this one. */
  isReserved(account: NewAccount, tokenHash: string | null): boolean;
  /** Counts a use. */
  use(tokenHash: string, account: NewAccount): void;
}

interface InvitationRow extends Sound {
  readonly expiresAt: number;
  readonly user: string | null;
  readonly isUsedUp: 0 | 1;
}

/** Prepares what an enrolment does with invitations. */
export function enrolling(database: Database): Enrolling {
  const found = database.prepare<[string], InvitationRow>(
    `SELECT expires_at AS expiresAt, user, used >= uses AS isUsedUp, ${soundColumn('invitations')}
     FROM invitations WHERE token_hash = ?`,
  );
  const forName = database.prepare<[string, number], Sound & { tokenHash: string }>(
    `SELECT token_hash AS tokenHash, ${soundColumn('invitations')}
     FROM invitations INDEXED BY invitations_by_user WHERE user = ? AND expires_at > ? AND used < uses`,
  );
  const count = database.prepare<[string, string]>(
    'UPDATE invitations SET used = used + 1, used_by = ? WHERE token_hash = ?',
  );
  const seal = sealOf(database, 'invitations');

  return {
    refusal(tokenHash, { user, enrolledAt }) {
      const row = found.get(tokenHash);
      const invitation = row === undefined ? null : requireSound(row);
      if (invitation === null || invitation.isUsedUp === 1 || invitation.expiresAt <= enrolledAt) {
        return 'invitation-refused';
      }
      return invitation.user === null || invitation.user === user ? null : 'invitation-for-another';
    },

    isReserved({ user, enrolledAt }, tokenHash) {
      const open = forName.all(user, enrolledAt).map(requireSound);
      return open.length > 0 && !open.some((each) => each.tokenHash === tokenHash);
    },

    use(tokenHash, { user }) {
      count.run(user, tokenHash);
      seal(tokenHash);
    },
  };
}

/** Prepares the operations on invitations for the operator. */
export function invitationTables(
  database: Database,
): Pick<Tables, 'addInvitation' | 'openInvitations' | 'withdrawInvitation'> {
  const add = database.prepare<[Record<string, string | number | null>]>(insertion('invitations'));
  const open = database.prepare<[number, number], Invitation>(
    `SELECT token_hash AS tokenHash, expires_at AS expiresAt, user, uses - used AS uses FROM invitations
     WHERE used < uses AND expires_at > ? AND ${isSound('invitations')} ORDER BY expires_at, token_hash LIMIT ?`,
  );
  const withdraw = database.prepare<[string]>('DELETE FROM invitations WHERE token_hash = ? AND used < uses');

  return {
    addInvitation({ tokenHash, expiresAt, user = null, uses = 1 }) {
      add.run({ token_hash: tokenHash, expires_at: expiresAt, used_by: null, user, uses, used: 0 });
    },

    openInvitations: (at, limit) => open.all(at, limit),

    withdrawInvitation: (tokenHash) => withdraw.run(tokenHash).changes > 0,
  };
}
