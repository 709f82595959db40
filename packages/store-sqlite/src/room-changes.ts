/** What control entries do to the tables about rooms: created, joined, left, roles given, members removed, a new epoch. */
import type { Appending, Member } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { Conflict } from './conflict.ts';

type Role = Member['role'];

/** Carries out an entry's change, given the room's row id (null when there is no such room yet); returns that id. */
export type ApplyChange = (id: number | null, appending: Appending) => number;

export function roomChanges(database: Database): ApplyChange {
  const nameTaken = database.prepare<[string]>('SELECT 1 FROM rooms WHERE name = ?');
  const create = database.prepare<[string, string, number, number]>(
    'INSERT INTO rooms (room, name, created_at, membership_seq, removal_seq) VALUES (?, ?, ?, ?, 0)',
  );
  const addMember = database.prepare<[number, string, string, number, Role, number]>(
    'INSERT OR REPLACE INTO members (room, user, fingerprint, joined_at, role, role_seq) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const removeMember = database.prepare<[number, string]>('DELETE FROM members WHERE room = ? AND user = ?');
  const giveRole = database.prepare<[Role, number, number, string]>(
    'UPDATE members SET role = ?, role_seq = ? WHERE room = ? AND user = ?',
  );
  const addRemoval = database.prepare<[number, string, string, number]>(
    'INSERT INTO removals (room, fingerprint, user, seq) VALUES (?, ?, ?, ?)',
  );
  const deleteRemoval = database.prepare<[number, string]>('DELETE FROM removals WHERE room = ? AND fingerprint = ?');
  const joined = database.prepare<[number, number]>('UPDATE rooms SET membership_seq = ? WHERE id = ?');
  const left = database.prepare<[number, number, number]>(
    'UPDATE rooms SET membership_seq = ?, removal_seq = ? WHERE id = ?',
  );
  const close = database.prepare<[number]>('UPDATE rooms SET name = NULL WHERE id = ?');
  const addEpoch = database.prepare<[number, number, string, number]>(
    'INSERT INTO epochs (room, number, hash, answers) VALUES (?, ?, ?, ?)',
  );
  const addWrap = database.prepare<[number, number, string, string]>(
    'INSERT INTO wraps (room, epoch, recipient, envelope) VALUES (?, ?, ?, ?)',
  );

  function createRoom({ room, seq, at, author, change }: Appending): number {
    if (change?.kind !== 'create') throw new Conflict('sequence', `There is no room ${room}.`);
    if (nameTaken.get(change.name) !== undefined) {
      throw new Conflict('room-name-taken', `Another room is called ${change.name}.`);
    }
    const id = Number(create.run(room, change.name, at, seq).lastInsertRowid);
    addMember.run(id, author, change.fingerprint, seq, 'owner', seq);
    return id;
  }

  return (id, appending) => {
    if (id === null) return createRoom(appending);
    const { seq, author, change } = appending;
    switch (change?.kind) {
      case 'join':
        addMember.run(id, author, change.fingerprint, seq, 'member', seq);
        joined.run(seq, id);
        break;
      case 'leave':
        removeMember.run(id, author);
        left.run(seq, seq, id);
        if (change.successor !== null) giveRole.run('owner', seq, id, change.successor);
        if (change.closes) close.run(id);
        break;
      case 'role':
        for (const { user, role } of change.roles) giveRole.run(role, seq, id, user);
        break;
      case 'remove':
        removeMember.run(id, change.user);
        addRemoval.run(id, change.fingerprint, change.user, seq);
        left.run(seq, seq, id);
        break;
      case 'readmit':
        deleteRemoval.run(id, change.fingerprint);
        break;
      case 'epoch': {
        const { number, hash, answers } = change.epoch;
        addEpoch.run(id, number, hash, answers);
        for (const { to, envelope } of change.wraps) addWrap.run(id, number, to, envelope);
        break;
      }
    }
    return id;
  };
}
