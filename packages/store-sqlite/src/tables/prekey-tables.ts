/** SQL for the latest prekey of each user. */
import type { Database } from 'better-sqlite3';
import { isSound, sealOf } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type FoundPrekey = Omit<ReturnType<Tables['findPrekeys']>[number], 'key'> & { readonly identity: Buffer };

/** Prepares the operations on prekeys. */
export function prekeyTables(database: Database): Pick<Tables, 'putPrekey' | 'findPrekeys'> {
  const put = database.prepare<[string, string, string, number, string, number]>(
    `INSERT INTO prekeys (user, suite, prekey, made_at, signature) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (user) DO UPDATE
       SET suite = excluded.suite, prekey = excluded.prekey, made_at = excluded.made_at, signature = excluded.signature
       WHERE excluded.made_at > made_at OR made_at > ? OR NOT ${isSound('prekeys')}`,
  );
  const find = database.prepare<[string], FoundPrekey>(
    `SELECT user, identity, suite, prekey, made_at AS madeAt, signature
     FROM prekeys JOIN accounts USING (user) WHERE user = ? AND revoked_at IS NULL AND ${isSound('prekeys')} AND ${isSound('accounts')}`,
  );
  const seal = sealOf(database, 'prekeys');

  return {
    putPrekey(user, { suite, prekey, madeAt, signature }, latest) {
      const isNew = put.run(user, suite, prekey, madeAt, signature, latest).changes > 0;
      if (isNew) seal(user);
      return isNew;
    },

    findPrekeys: (users) =>
      users.flatMap((wanted) =>
        find.all(wanted).map(({ identity, ...prekey }) => ({ key: identity.toString('base64url'), ...prekey })),
      ),
  };
}
