/** Looking up rooms: state, names, lists, members, wraps. */
import type { Member, Removal } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import type { Tables } from './operation.ts';

interface RoomState {
  readonly id: number;
  readonly room: string;
  readonly name: string | null;
  readonly createdAt: number;
  readonly membershipSeq: number;
  readonly removalSeq: number;
  readonly head: number;
}

export function roomTables(database: Database): Pick<Tables, 'load' | 'findByName' | 'list' | 'roomsOf' | 'findWrap'> {
  const state = database.prepare<[string], RoomState>(
    `SELECT id, room, name, created_at AS createdAt, membership_seq AS membershipSeq, removal_seq AS removalSeq,
       (SELECT max(seq) FROM entries WHERE entries.room = rooms.id) AS head
     FROM rooms WHERE room = ?`,
  );
  const members = database.prepare<[number], Member>(
    `SELECT user, fingerprint, joined_at AS joinedAt, role, role_seq AS roleSeq
     FROM members WHERE room = ? ORDER BY joined_at`,
  );
  const removed = database.prepare<[number], Removal>(
    'SELECT user, fingerprint, seq FROM removals WHERE room = ? ORDER BY seq',
  );
  const epoch = database.prepare<[number], { number: number; hash: string; answers: number }>(
    'SELECT number, hash, answers FROM epochs WHERE room = ? ORDER BY number DESC LIMIT 1',
  );
  const byName = database.prepare<[string], { room: string }>('SELECT room FROM rooms WHERE name = ?');
  // Every name sorts after the empty one, and a closed room's NULL after none.
  const listed = database.prepare<[string, number], ReturnType<Tables['list']>[number]>(
    `SELECT room, name, (SELECT count(*) FROM members WHERE members.room = rooms.id) AS members,
       created_at AS createdAt
     FROM rooms WHERE name > ? ORDER BY name LIMIT ?`,
  );
  const joinedBy = database.prepare<[string], { room: string }>(
    `SELECT rooms.room FROM members JOIN rooms ON rooms.id = members.room
     WHERE members.user = ? AND rooms.name IS NOT NULL ORDER BY rooms.id`,
  );
  const wrap = database.prepare<[string, number, string], { envelope: string }>(
    `SELECT envelope FROM wraps
     WHERE room = (SELECT id FROM rooms WHERE room = ?) AND epoch = ? AND recipient = ?`,
  );

  return {
    load(room) {
      const found = state.get(room);
      if (found === undefined) return null;
      const { id, ...rest } = found;
      return { ...rest, members: members.all(id), removed: removed.all(id), epoch: epoch.get(id) ?? null };
    },
    findByName: (name) => byName.get(name)?.room ?? null,
    list: (after, limit) => listed.all(after ?? '', limit),
    roomsOf: (user) => joinedBy.all(user).map(({ room }) => room),
    findWrap: (room, number, to) => wrap.get(room, number, to)?.envelope ?? null,
  };
}
