/** SQL for looking up rooms: state, names, lists, members, invitations. */
import type { EpochMark, Invited, Member, Removal, Room, RoomPage } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { isSound, requireSound, type Sound, soundColumn } from '../file/row-checks.ts';
import type { Tables } from '../operation.ts';

type Policy = Room['policy'];

interface RoomRow {
  readonly id: number;
  readonly room: string;
  readonly name: string | null;
  readonly joinPolicy: Policy['join'];
  readonly history: Policy['history'];
  readonly createdAt: number;
  readonly membershipSeq: number;
  readonly removalSeq: number;
  readonly head: number;
}

/** A row with the two columns of a policy in place of the policy. */
type Flat<Row extends { readonly policy: Policy }> = Omit<Row, 'policy'> & Pick<RoomRow, 'joinPolicy' | 'history'>;
type ListedRoom = Omit<Flat<ReturnType<Tables['list']>[number]>, 'joined'> & { readonly joined: 0 | 1 };
type FoundRow = Omit<Flat<NonNullable<ReturnType<Tables['findRoom']>>>, 'joined' | 'isRemoved'> & {
  readonly joined: 0 | 1;
  readonly isRemoved: 0 | 1;
};
type InvitationRow = Flat<ReturnType<Tables['invitationsOf']>[number]>;

/** The parameters of a list of one user. */
interface PageOf {
  readonly user: string;
  readonly after: string;
  readonly limit: number;
  readonly invitedAfter: number;
}

const pageOf = (user: string, { after, limit, invitedAfter }: RoomPage): PageOf => ({
  user,
  after: after ?? '',
  limit,
  invitedAfter: invitedAfter ?? Number.MIN_SAFE_INTEGER,
});

type RoomTables = Pick<Tables, 'load' | 'findRoom' | 'list' | 'roomsOf' | 'invitationsOf'>;

/** Prepares the operations that look up rooms. */
export function roomTables(database: Database): RoomTables {
  const state = database.prepare<[string], Sound & RoomRow>(
    `SELECT id, room, name, join_policy AS joinPolicy, history, created_at AS createdAt,
       membership_seq AS membershipSeq, removal_seq AS removalSeq,
       (SELECT max(seq) FROM entries WHERE entries.room = rooms.id) AS head,
       ${soundColumn('rooms')}
     FROM rooms WHERE room = ?`,
  );
  const members = database.prepare<[number], Sound & Member>(
    `SELECT user, fingerprint, joined_at AS joinedAt, reads_from AS readsFrom, role, role_seq AS roleSeq,
       ${soundColumn('members')}
     FROM members WHERE room = ? ORDER BY joined_at`,
  );
  const invited = database.prepare<[number], Sound & Invited>(
    `SELECT user, fingerprint, seq, by, at, ${soundColumn('invited')} FROM invited WHERE room = ? ORDER BY seq`,
  );
  const removed = database.prepare<[number], Sound & Removal>(
    `SELECT user, fingerprint, seq, ${soundColumn('removals')} FROM removals WHERE room = ? ORDER BY seq`,
  );
  const revoked = database.prepare<[number], Sound & Removal>(
    `SELECT user, fingerprint, seq, ${soundColumn('revoked')} FROM revoked WHERE room = ? ORDER BY seq`,
  );
  const epoch = database.prepare<[number], Sound & EpochMark>(
    `SELECT number, v, hash, answers, fresh_seq AS freshSeq, fresh_at AS freshAt, ${soundColumn('epochs')}
     FROM epochs WHERE room = ? ORDER BY number DESC LIMIT 1`,
  );
  const byName = database.prepare<[{ name: string; user: string }], Sound & FoundRow>(
    `SELECT room, name, member_count AS members,
       EXISTS (SELECT 1 FROM members WHERE members.room = rooms.id AND user = @user) AS joined,
       join_policy AS joinPolicy, history, created_at AS createdAt,
       (SELECT max(seq) FROM entries WHERE entries.room = rooms.id) AS head,
       (SELECT seq FROM invited WHERE invited.room = rooms.id AND user = @user) AS invitedAt,
       (SELECT at FROM invited WHERE invited.room = rooms.id AND user = @user) AS invitedSince,
       EXISTS (SELECT 1 FROM removals WHERE removals.room = rooms.id AND user = @user)
         OR EXISTS (SELECT 1 FROM revoked WHERE revoked.room = rooms.id AND user = @user) AS isRemoved,
       ${soundColumn('rooms')}
     FROM rooms WHERE name = @name`,
  );
  // Every name sorts after the empty string. The NULL of a closed room compares as false. The page takes the first open rooms
  // from their index, and the user's own rooms: it reads no other room.
  const listed = database.prepare<[PageOf], ListedRoom>(
    `WITH visible (id) AS (
       SELECT id FROM (SELECT id FROM rooms WHERE join_policy = 'open' AND name > @after ORDER BY name LIMIT @limit)
       UNION SELECT room FROM members WHERE user = @user
       UNION SELECT invited.room FROM invited JOIN rooms ON rooms.id = invited.room
         WHERE user = @user AND (at > @invitedAfter OR join_policy = 'direct')
     )
     SELECT room, name, member_count AS members,
       EXISTS (SELECT 1 FROM members WHERE members.room = rooms.id AND user = @user) AS joined,
       join_policy AS joinPolicy, history, created_at AS createdAt
     FROM visible CROSS JOIN rooms USING (id) WHERE name > @after AND ${isSound('rooms')} ORDER BY name LIMIT @limit`,
  );
  const roomsOfMember = database.prepare<[string], { room: string }>(
    `SELECT rooms.room FROM members JOIN rooms ON rooms.id = members.room
     WHERE members.user = ? AND rooms.name IS NOT NULL ORDER BY rooms.id`,
  );
  const invitationsOfUser = database.prepare<[PageOf], InvitationRow>(
    `SELECT rooms.room, name, by, join_policy AS joinPolicy, history, at
     FROM invited JOIN rooms ON rooms.id = invited.room
     WHERE invited.user = @user AND name > @after AND (at > @invitedAfter OR join_policy = 'direct')
       AND ${isSound('invited')} AND ${isSound('rooms')}
     ORDER BY name LIMIT @limit`,
  );

  return {
    load(roomId) {
      const found = state.get(roomId);
      if (found === undefined) return null;
      const { id, ...rest } = withPolicy(requireSound(found));
      return {
        ...rest,
        members: members.all(id).map(requireSound),
        invited: invited.all(id).map(requireSound),
        removed: removed.all(id).map(requireSound),
        revoked: revoked.all(id).map(requireSound),
        epoch: epoch.all(id).map(requireSound).at(0) ?? null,
      };
    },
    findRoom(name, user) {
      const found = byName.get({ name, user });
      if (found === undefined) return null;
      const { joined, isRemoved, ...room } = withPolicy(requireSound(found));
      return { ...room, joined: joined === 1, isRemoved: isRemoved === 1 };
    },
    list: (user, page) =>
      listed.all(pageOf(user, page)).map((row) => ({ ...withPolicy(row), joined: row.joined === 1 })),
    roomsOf: (user) => roomsOfMember.all(user).map(({ room }) => room),
    invitationsOf: (user, page) => invitationsOfUser.all(pageOf(user, page)).map(withPolicy),
  };
}

function withPolicy<Row extends Pick<RoomRow, 'joinPolicy' | 'history'>>({ joinPolicy, history, ...row }: Row) {
  return { ...row, policy: { join: joinPolicy, history } };
}
