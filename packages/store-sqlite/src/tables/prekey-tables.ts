/** SQL for the latest prekey of each user. */
import type { Database } from 'better-sqlite3';
import type { Tables } from '../operation.ts';

type FoundPrekey = Omit<ReturnType<Tables['findPrekeys']>[number], 'key'> & { readonly identity: Buffer };

/** Prepares the operations on prekeys. */
export function prekeyTables(database: Database): Pick<Tables, 'putPrekey' | 'findPrekeys'> {
  const put = database.prepare<[string, string, number, string, number]>(
    `INSERT INTO prekeys (user, prekey, made_at, signature) VALUES (?, ?, ?, ?)
     ON CONFLICT (user) DO UPDATE
       SET prekey = excluded.prekey, made_at = excluded.made_at, signature = excluded.signature
       WHERE excluded.made_at > made_at OR made_at > ?`,
  );
  const find = database.prepare<[string], FoundPrekey>(
    `SELECT user, identity, prekey, made_at AS madeAt, signature
     FROM prekeys JOIN accounts USING (user) WHERE user = ? AND revoked_at IS NULL`,
  );

  return {
    putPrekey: (user, { prekey, madeAt, signature }, latest) =>
      put.run(user, prekey, madeAt, signature, latest).changes > 0,

    findPrekeys: (users) =>
      users.flatMap((wanted) =>
        find.all(wanted).map(({ identity, ...prekey }) => ({ key: identity.toString('base64url'), ...prekey })),
      ),
  };
}
