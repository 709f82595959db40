/** SQL for the keys that users had before: renewals of identity keys, and keys whose names were freed. */
import { createHash } from 'node:crypto';
import type { Account, StoredRenewal } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { insertion, requireSound, type Sound, sealOf, soundColumn } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

/** Prepares the operations on renewals. `findAccount` throws for a damaged row. */
export function renewalTables(
  database: Database,
  { findAccount }: Pick<Tables, 'findAccount'>,
): Pick<Tables, 'renewKey' | 'renewalsOf'> {
  const count = database.prepare<[string], number>('SELECT count(*) FROM key_renewals WHERE user = ?').pluck();
  const latest = database.prepare<[string, number], StoredRenewal & Sound>(
    `SELECT number, previous, key, made_at AS madeAt, signature, proof, ${soundColumn('key_renewals')}
     FROM key_renewals WHERE user = ? ORDER BY number DESC LIMIT ?`,
  );
  const add = database.prepare<[Record<string, string | number>]>(insertion('key_renewals'));
  const hasKey = database.prepare<[string]>('SELECT 1 FROM accounts WHERE fingerprint = ? LIMIT 1');
  const setKey = database.prepare<[string, Uint8Array, string]>(
    'UPDATE accounts SET fingerprint = ?, identity = ? WHERE user = ?',
  );
  const forget = ['DELETE FROM prekeys WHERE user = ?', 'DELETE FROM knocks WHERE user = ?'].map((sql) =>
    database.prepare<[string]>(sql),
  );
  const sealAccount = sealOf(database, 'accounts');

  return {
    renewKey(user, { before, renewals, fingerprint, identity }) {
      const account: Account | null = findAccount(user);
      if (account?.fingerprint !== before) return 'refused';
      if (account.revoked !== null) return 'revoked';
      const follows = renewals[0]?.number === (count.get(user) ?? 0) + 1;
      if (!follows || hasKey.get(fingerprint) !== undefined) return 'refused';
      for (const { madeAt, ...renewal } of renewals) add.run({ user, ...renewal, made_at: madeAt });
      setKey.run(fingerprint, identity, user);
      sealAccount(user);
      for (const statement of forget) statement.run(user);
      return 'renewed';
    },

    renewalsOf: (user, limit) => latest.all(user, limit).map(requireSound).reverse(),
  };
}

/** Tables whose rows belong to an account. */
const tablesOfAccount = ['prekeys', 'runs', 'holders', 'key_renewals', 'accounts'] as const;

/** Returns a function that says whether a key has lost its names. */
export function retiredKeys(database: Database): (fingerprint: string) => boolean {
  const found = database.prepare<[string], Sound>(
    `SELECT ${soundColumn('retired_keys')} FROM retired_keys WHERE fingerprint = ?`,
  );
  return (fingerprint) => {
    const row = found.get(fingerprint);
    if (row === undefined) return false;
    requireSound(row);
    return true;
  };
}

/** Prepares the operation. `findAccount` throws for a damaged row. */
export function freedNames(
  database: Database,
  { findAccount }: Pick<Tables, 'findAccount'>,
): Pick<Tables, 'freeNames'> {
  const namesOf = database
    .prepare<[string], string>('SELECT user FROM accounts WHERE fingerprint = ? ORDER BY user')
    .pluck();
  const earlierKeys = database.prepare<[string], string>('SELECT previous FROM key_renewals WHERE user = ?').pluck();
  const retire = database.prepare<[string, number]>(
    'INSERT OR IGNORE INTO retired_keys (fingerprint, at) VALUES (?, ?)',
  );
  const usedBy = database.prepare<[string], string>('SELECT token_hash FROM invitations WHERE used_by = ?').pluck();
  const forgetUser = database.prepare<[string]>('UPDATE invitations SET used_by = NULL WHERE used_by = ?');
  // Those that refer to the account first.
  const deletions = tablesOfAccount.map((table) => database.prepare<[string]>(`DELETE FROM ${table} WHERE user = ?`));
  const sealKey = sealOf(database, 'retired_keys');
  const sealInvitation = sealOf(database, 'invitations');

  function retireKey(fingerprint: string, at: number): void {
    if (retire.run(fingerprint, at).changes > 0) sealKey(fingerprint);
  }

  return {
    freeNames(user, at) {
      const account: Account | null = findAccount(user);
      if (account === null || account.revoked === null) return [];
      const names = namesOf.all(account.fingerprint);
      retireKey(account.fingerprint, at);
      for (const name of names) {
        for (const previous of earlierKeys.all(name)) {
          retireKey(createHash('sha256').update(Buffer.from(previous, 'base64url')).digest('hex'), at);
        }
        const used = usedBy.all(name);
        forgetUser.run(name);
        for (const tokenHash of used) sealInvitation(tokenHash);
        for (const deletion of deletions) deletion.run(name);
      }
      return names;
    },
  };
}
