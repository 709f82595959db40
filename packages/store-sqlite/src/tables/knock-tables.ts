/** Who knocks at a room. What an append does about them is with the other changes that it makes. */
import type { Database } from 'better-sqlite3';
import type { Tables } from '../operation.ts';

type SignedKnock = ReturnType<Tables['knocksAt']>[number];

export function knockTables(database: Database): Pick<Tables, 'putKnock' | 'knocksAt'> {
  const others = database.prepare<[string, string], { count: number }>(
    `SELECT count(*) AS count FROM knocks WHERE room = (SELECT id FROM rooms WHERE room = ?) AND user <> ?`,
  );
  const put = database.prepare<[string, string, string, string, string]>(
    `INSERT INTO knocks (room, user, payload, signed_by, signature)
     VALUES ((SELECT id FROM rooms WHERE room = ?), ?, ?, ?, ?)
     ON CONFLICT (room, user) DO UPDATE
       SET payload = excluded.payload, signed_by = excluded.signed_by, signature = excluded.signature`,
  );
  const all = database.prepare<[string], SignedKnock>(
    `SELECT payload, signed_by AS by, signature FROM knocks
     WHERE room = (SELECT id FROM rooms WHERE room = ?) ORDER BY id`,
  );

  return {
    putKnock(room, user, { payload, by, signature }, most) {
      if ((others.get(room, user)?.count ?? 0) >= most) return false;
      put.run(room, user, payload, by, signature);
      return true;
    },
    knocksAt: (room) => all.all(room),
  };
}
