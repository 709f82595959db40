/** What a room is after one more entry: a pure step, the same for the server's memory and for a store. */
import type { UserName } from '@chat/protocol';
import type { Appending, Room, RoomChange } from '../ports/room-store.ts';

/** The part of an entry that decides what it does to its room. */
export type Step = Pick<Appending, 'room' | 'seq' | 'at' | 'author' | 'change'>;

/** The state after the entry. A `create` begins a room; everything else needs the state before. */
export function advance(before: Room | null, step: Step): Room {
  const { room, seq, at, author, change } = step;
  if (change?.kind === 'create') {
    return {
      room,
      name: change.name,
      createdAt: at,
      head: seq,
      members: [{ user: author, fingerprint: change.fingerprint, joinedAt: seq }],
      membershipSeq: seq,
      removalSeq: 0,
      epoch: null,
    };
  }
  if (before === null) throw new Error(`Room ${room} has no entry, so position ${seq} cannot follow one.`);
  return { ...before, head: seq, ...changed(before, change, author, seq) };
}

function changed(before: Room, change: Exclude<RoomChange, { kind: 'create' }> | null, author: UserName, seq: number) {
  switch (change?.kind) {
    case undefined:
      return {};
    case 'join':
      return {
        members: [...before.members, { user: author, fingerprint: change.fingerprint, joinedAt: seq }],
        membershipSeq: seq,
      };
    case 'leave':
      return {
        members: before.members.filter((member) => member.user !== author),
        membershipSeq: seq,
        removalSeq: seq,
        ...(change.closes ? { name: null } : {}),
      };
    case 'epoch':
      return { epoch: change.epoch };
  }
}
