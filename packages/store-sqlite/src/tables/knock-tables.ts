/** SQL for knocks. `room-changes.ts` deletes the knocks that an append answers. */
import type { Database } from 'better-sqlite3';
import { isSound, sealing } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type SignedKnock = ReturnType<Tables['knocksAt']>[number];
type KnockTables = Pick<Tables, 'putKnock' | 'knocksAt' | 'dismissKnock' | 'knocksOf'>;

/** Prepares the operations on knocks. */
export function knockTables(database: Database): KnockTables {
  const prune = database.prepare<{ endedBy: number; dismissedBy: number }>(
    'DELETE FROM knocks WHERE (dismissed_at IS NULL AND at <= @endedBy) OR dismissed_at <= @dismissedBy',
  );
  const roomRow = database.prepare<[string], number>('SELECT id FROM rooms WHERE room = ?').pluck();
  const dismissed = database.prepare<[number, string]>(
    `SELECT 1 FROM knocks WHERE room = ? AND user = ? AND dismissed_at IS NOT NULL AND ${isSound('knocks')}`,
  );
  // A new row, whose id makes it the latest one.
  const put = database.prepare<[number, string, string, string, string, number]>(
    'INSERT OR REPLACE INTO knocks (room, user, payload, signed_by, signature, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const keepLatestAt = database.prepare<{ room: number; limit: number }>(
    `DELETE FROM knocks WHERE room = @room AND dismissed_at IS NULL AND id NOT IN (
       SELECT id FROM knocks WHERE room = @room AND dismissed_at IS NULL ORDER BY at DESC, id DESC LIMIT @limit
     )`,
  );
  const keepLatestOf = database.prepare<{ user: string; limit: number }>(
    `DELETE FROM knocks WHERE user = @user AND dismissed_at IS NULL AND id NOT IN (
       SELECT id FROM knocks WHERE user = @user ORDER BY at DESC, id DESC LIMIT @limit
     )`,
  );
  const waiting = database.prepare<[string, number], SignedKnock>(
    `SELECT payload, signed_by AS by, signature FROM knocks
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND dismissed_at IS NULL AND at > ? AND ${isSound('knocks')}
     ORDER BY at, id`,
  );
  const seal = database.prepare<[number, string]>(sealing('knocks', 'room = ? AND user = ?'));
  const dismiss = database.prepare<[number, number, string, number]>(
    'UPDATE knocks SET dismissed_at = ? WHERE room = ? AND user = ? AND dismissed_at IS NULL AND at > ?',
  );
  const roomsOfUser = database
    .prepare<{ user: string; after: number; dismissedAfter: number; limit: number }, string>(
      `SELECT rooms.room FROM knocks JOIN rooms ON rooms.id = knocks.room
       WHERE user = @user AND ${isSound('knocks')}
         AND CASE WHEN dismissed_at IS NULL THEN at > @after ELSE dismissed_at > @dismissedAfter END
       ORDER BY at DESC, knocks.id DESC LIMIT @limit`,
    )
    .pluck();

  return {
    putKnock(roomId, user, { payload, by, signature }, { now, ageMs, dismissalMs, perRoom, perUser }) {
      prune.run({ endedBy: now - ageMs, dismissedBy: now - dismissalMs });
      const room = roomRow.get(roomId);
      if (room === undefined || dismissed.get(room, user) !== undefined) return false;
      put.run(room, user, payload, by, signature, now);
      seal.run(room, user);
      keepLatestAt.run({ room, limit: perRoom });
      keepLatestOf.run({ user, limit: perUser });
      return true;
    },
    knocksAt: (roomId, { now, ageMs }) => waiting.all(roomId, now - ageMs),
    dismissKnock(roomId, user, { now, ageMs }) {
      const room = roomRow.get(roomId);
      if (room === undefined || dismiss.run(now, room, user, now - ageMs).changes === 0) return false;
      seal.run(room, user);
      return true;
    },
    knocksOf: (user, { now, ageMs, dismissalMs, perUser }) =>
      roomsOfUser.all({ user, after: now - ageMs, dismissedAfter: now - dismissalMs, limit: perUser }),
  };
}
