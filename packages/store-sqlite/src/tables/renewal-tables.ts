/** SQL for the renewals of identity keys. */
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
