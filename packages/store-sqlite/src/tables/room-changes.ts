/** SQL for the effects of control entries: members, invitations, removals, roles, answered knocks, epochs. */
import type { Appending, Member, Room } from '@chat/server-core';
import type { Database } from 'better-sqlite3';
import { Conflict, RowDamage } from '../conflict.ts';
import { isSound, sealing, sealOf } from '../file/row-checks.ts';
import { blobDeletion } from './blob-tables.ts';
import { sheetInsertion } from './wrap-tables.ts';

type Role = Member['role'];
type Policy = Room['policy'];

/**
 * Applies an entry's change.
 *
 * @param id row id of the room; null when the room does not exist yet
 * @returns the row id of the room
 */
export type ApplyChange = (id: number | null, appending: Appending) => number;

/** Prepares the function that applies the change of a control entry to the tables. */
export function roomChanges(database: Database): ApplyChange {
  const nameTaken = database.prepare<[string]>('SELECT 1 FROM rooms WHERE name = ?');
  const create = database.prepare<[string, string, Policy['join'], Policy['history'], number, number]>(
    `INSERT INTO rooms (room, name, join_policy, history, created_at, membership_seq, removal_seq)
     VALUES (?, ?, ?, ?, ?, ?, 0)`,
  );
  const addMember = database.prepare<[number, string, string, number, number, Role, number]>(
    `INSERT INTO members (room, user, fingerprint, joined_at, reads_from, role, role_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const removeMember = database.prepare<[number, string]>('DELETE FROM members WHERE room = ? AND user = ?');
  const countMember = database.prepare<[number, number]>(
    'UPDATE rooms SET member_count = member_count + ? WHERE id = ?',
  );
  const giveRole = database.prepare<[Role, number, number, string]>(
    `UPDATE members SET role = ?, role_seq = ? WHERE room = ? AND user = ? AND ${isSound('members')}`,
  );
  const setMemberKey = database.prepare<[string, number, string]>(
    `UPDATE members SET fingerprint = ? WHERE room = ? AND user = ? AND ${isSound('members')}`,
  );
  const setInvitedKey = database.prepare<[string, number, string]>(
    `UPDATE invited SET fingerprint = ? WHERE room = ? AND user = ? AND ${isSound('invited')}`,
  );
  const addInvitation = database.prepare<[number, string, string, number, string, number]>(
    'INSERT INTO invited (room, user, fingerprint, seq, by, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const deleteInvitation = database.prepare<[number, string]>('DELETE FROM invited WHERE room = ? AND user = ?');
  const deleteKnock = database.prepare<[number, string]>('DELETE FROM knocks WHERE room = ? AND user = ?');
  const addRemoval = database.prepare<[number, string, string, number]>(
    'INSERT INTO removals (room, fingerprint, user, seq) VALUES (?, ?, ?, ?)',
  );
  const deleteRemoval = database.prepare<[number, string]>('DELETE FROM removals WHERE room = ? AND fingerprint = ?');
  const addRevocation = database.prepare<[number, string, string, number]>(
    'INSERT INTO revoked (room, fingerprint, user, seq) VALUES (?, ?, ?, ?)',
  );
  const setMembershipSeq = database.prepare<[number, number]>('UPDATE rooms SET membership_seq = ? WHERE id = ?');
  const setRemovalSeq = database.prepare<[number, number, number]>(
    'UPDATE rooms SET membership_seq = ?, removal_seq = ? WHERE id = ?',
  );
  const closeRoom = [
    'UPDATE rooms SET name = NULL WHERE id = ?',
    'DELETE FROM invited WHERE room = ?',
    'DELETE FROM knocks WHERE room = ?',
  ].map((sql) => database.prepare<[number]>(sql));
  const deleteBlobs = blobDeletion(database, 'room = (SELECT room FROM rooms WHERE id = ?)');
  const addEpoch = database.prepare<[number, number, 1 | 2, string, number, number, number]>(
    'INSERT INTO epochs (room, number, v, hash, answers, fresh_seq, fresh_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );

  const sealRoom = database.prepare<[number]>(sealing('rooms', 'id = ?'));
  const sealMember = sealOf(database, 'members');
  const sealInvited = sealOf(database, 'invited');
  const sealRemoval = sealOf(database, 'removals');
  const sealRevoked = sealOf(database, 'revoked');
  const sealEpoch = sealOf(database, 'epochs');
  const addSheet = sheetInsertion(database);

  function setRole(id: number, user: string, role: Role, seq: number): void {
    if (giveRole.run(role, seq, id, user).changes === 0) throw new RowDamage();
    sealMember(id, user);
  }

  function renewKey(id: number, { user, fingerprint }: { readonly user: string; readonly fingerprint: string }): void {
    const changes = [setMemberKey, setInvitedKey].map((statement) => statement.run(fingerprint, id, user).changes);
    if (changes.every((count) => count === 0)) throw new RowDamage();
    sealMember(id, user);
    sealInvited(id, user);
  }

  function createRoom({ room, seq, at, change }: Appending): number {
    if (change?.kind !== 'create') throw new Conflict('sequence', `There is no room ${room}.`);
    const { name, policy, user, fingerprint } = change;
    if (nameTaken.get(name) !== undefined) {
      throw new Conflict('room-name-taken', `Another room is called ${name}.`);
    }
    const id = Number(create.run(room, name, policy.join, policy.history, at, seq).lastInsertRowid);
    addMember.run(id, user, fingerprint, seq, seq, 'owner', seq);
    sealMember(id, user);
    countMember.run(1, id);
    sealRoom.run(id);
    return id;
  }

  /** Takes a member or an invited user out of the room. */
  function removeUser(id: number, user: string, seq: number): void {
    countMember.run(-removeMember.run(id, user).changes, id);
    deleteInvitation.run(id, user);
    setRemovalSeq.run(seq, seq, id);
  }

  /** Gives the room to its next owner, or closes it. */
  function finishDeparture(
    id: number,
    seq: number,
    { successor, closes }: { readonly successor: string | null; readonly closes: boolean },
  ): void {
    if (successor !== null) setRole(id, successor, 'owner', seq);
    if (!closes) return;
    for (const statement of closeRoom) statement.run(id);
    deleteBlobs(id);
  }

  return (id, appending) => {
    if (id === null) return createRoom(appending);
    const { seq, at, change } = appending;
    switch (change?.kind) {
      case 'invite':
        addInvitation.run(id, change.user, change.fingerprint, seq, change.by, at);
        sealInvited(id, change.user);
        setMembershipSeq.run(seq, id);
        deleteKnock.run(id, change.user);
        break;
      case 'join':
        addMember.run(id, change.user, change.fingerprint, seq, change.readsFrom, 'member', seq);
        sealMember(id, change.user);
        countMember.run(1, id);
        deleteInvitation.run(id, change.user);
        setMembershipSeq.run(seq, id);
        deleteKnock.run(id, change.user);
        break;
      case 'leave':
        removeUser(id, change.user, seq);
        finishDeparture(id, seq, change);
        break;
      case 'renew-key':
        renewKey(id, change);
        setRemovalSeq.run(seq, seq, id);
        break;
      case 'role':
        for (const { user, role } of change.roles) setRole(id, user, role, seq);
        break;
      case 'remove':
        removeUser(id, change.user, seq);
        addRemoval.run(id, change.fingerprint, change.user, seq);
        sealRemoval(id, change.fingerprint);
        break;
      case 'withdraw':
      case 'decline':
        removeUser(id, change.user, seq);
        break;
      case 'readmit':
        deleteRemoval.run(id, change.fingerprint);
        break;
      case 'revoke':
        addRevocation.run(id, change.fingerprint, change.user, seq);
        sealRevoked(id, change.fingerprint);
        deleteKnock.run(id, change.user);
        if (change.departure === null) break;
        removeUser(id, change.user, seq);
        finishDeparture(id, seq, change.departure);
        break;
      case 'epoch': {
        const { number, v, hash, answers, freshSeq, freshAt } = change.epoch;
        addEpoch.run(id, number, v, hash, answers, freshSeq, freshAt);
        sealEpoch(id, number);
        for (const sheet of change.sheets) addSheet(id, { number, at, sheet });
        break;
      }
    }
    if (change !== null) sealRoom.run(id);
    return id;
  };
}
