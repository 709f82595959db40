/** SQL for knocks. `room-changes.ts` deletes the knocks that an append answers. */
import type { Database } from 'better-sqlite3';
import { isSound, sealing } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type SignedKnock = ReturnType<Tables['knocksAt']>[number];

/** Prepares the operations on knocks. */
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
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND ${isSound('knocks')} ORDER BY id`,
  );
  const seal = database.prepare<[string, string]>(
    sealing('knocks', 'room = (SELECT id FROM rooms WHERE room = ?) AND user = ?'),
  );

  return {
    putKnock(roomId, user, { payload, by, signature }, maxKnocks) {
      if ((others.get(roomId, user)?.count ?? 0) >= maxKnocks) return false;
      put.run(roomId, user, payload, by, signature);
      seal.run(roomId, user);
      return true;
    },
    knocksAt: (roomId) => all.all(roomId),
  };
}
