/** What a room is after one more entry: a pure step, the same for the server's memory and for a store. */
import type { Fingerprint, Role, UserName } from '@chat/protocol';
import type { Appending, Member, RoleGiven, Room, RoomChange } from '../ports/room-store.ts';

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
      members: [memberFrom(author, change.fingerprint, 'owner', seq)],
      removed: [],
      membershipSeq: seq,
      removalSeq: 0,
      epoch: null,
    };
  }
  if (before === null) throw new Error(`Room ${room} has no entry, so position ${seq} cannot follow one.`);
  return { ...before, head: seq, ...changed(before, change, author, seq) };
}

function changed(
  before: Room,
  change: Exclude<RoomChange, { kind: 'create' }> | null,
  author: UserName,
  seq: number,
): Partial<Room> {
  switch (change?.kind) {
    case undefined:
      return {};
    case 'join':
      return {
        members: [...before.members, memberFrom(author, change.fingerprint, 'member', seq)],
        membershipSeq: seq,
      };
    case 'leave':
      return {
        ...departed(before, author, seq, change.successor === null ? [] : [{ user: change.successor, role: 'owner' }]),
        ...(change.closes ? { name: null } : {}),
      };
    case 'remove': {
      const { user, fingerprint } = change;
      return { ...departed(before, user, seq, []), removed: [...before.removed, { user, fingerprint, seq }] };
    }
    case 'readmit':
      return { removed: before.removed.filter(({ fingerprint }) => fingerprint !== change.fingerprint) };
    case 'role':
      return { members: withRoles(before.members, change.roles, seq) };
    case 'epoch':
      return { epoch: change.epoch };
  }
}

const memberFrom = (user: UserName, fingerprint: Fingerprint, role: Role, seq: number): Member => ({
  user,
  fingerprint,
  joinedAt: seq,
  role,
  roleSeq: seq,
});

const withRoles = (members: readonly Member[], roles: readonly RoleGiven[], seq: number): readonly Member[] =>
  members.map((member) => {
    const given = roles.find(({ user }) => user === member.user);
    return given === undefined ? member : { ...member, role: given.role, roleSeq: seq };
  });

const departed = (before: Room, who: UserName, seq: number, roles: readonly RoleGiven[]) => ({
  members: withRoles(
    before.members.filter((member) => member.user !== who),
    roles,
    seq,
  ),
  membershipSeq: seq,
  removalSeq: seq,
});
