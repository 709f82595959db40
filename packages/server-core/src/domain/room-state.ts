/** What a room is after one more entry: a pure step, the same for the server's memory and for a store. */
import type { Identity, Role, UserName } from '@chat/protocol';
import type { Appending, Member, RoleGiven, Room, RoomChange } from '../ports/room-store.ts';

/** The part of an entry that decides what it does to its room. */
export type Step = Pick<Appending, 'room' | 'seq' | 'at' | 'change'>;

/** The state after the entry. A `create` begins a room; everything else needs the state before. */
export function advance(before: Room | null, step: Step): Room {
  const { room, seq, at, change } = step;
  if (change?.kind === 'create') {
    return {
      room,
      name: change.name,
      policy: change.policy,
      createdAt: at,
      head: seq,
      members: [memberFrom(change, 'owner', seq, seq)],
      invited: [],
      removed: [],
      revoked: [],
      membershipSeq: seq,
      removalSeq: 0,
      epoch: null,
    };
  }
  if (before === null) throw new Error(`Room ${room} has no entry, so position ${seq} cannot follow one.`);
  return { ...before, head: seq, ...changed(before, change, seq) };
}

function changed(before: Room, change: Exclude<RoomChange, { kind: 'create' }> | null, seq: number): Partial<Room> {
  switch (change?.kind) {
    case undefined:
      return {};
    case 'invite': {
      const { user, fingerprint, by } = change;
      return { invited: [...before.invited, { user, fingerprint, seq, by }], membershipSeq: seq };
    }
    case 'join':
      return {
        members: [...before.members, memberFrom(change, 'member', seq, change.readsFrom)],
        invited: without(before.invited, change.user),
        membershipSeq: seq,
      };
    case 'leave':
      return departed(before, change.user, seq, change);
    case 'remove':
      return { ...departed(before, change.user, seq), removed: [...before.removed, positionedIdentity(change, seq)] };
    case 'withdraw':
      return departed(before, change.user, seq);
    case 'readmit':
      return { removed: before.removed.filter(({ fingerprint }) => fingerprint !== change.fingerprint) };
    case 'revoke': {
      const { departure, user } = change;
      return {
        ...(departure === null ? {} : departed(before, user, seq, departure)),
        revoked: [...before.revoked, positionedIdentity(change, seq)],
      };
    }
    case 'role':
      return { members: withRoles(before.members, change.roles, seq) };
    case 'epoch':
      return { epoch: change.epoch };
  }
}

const positionedIdentity = ({ user, fingerprint }: Identity, seq: number) => ({ user, fingerprint, seq });

const memberFrom = ({ user, fingerprint }: Identity, role: Role, seq: number, readsFrom: number): Member => ({
  user,
  fingerprint,
  joinedAt: seq,
  readsFrom,
  role,
  roleSeq: seq,
});

const without = <T extends Identity>(people: readonly T[], who: UserName): readonly T[] =>
  people.filter(({ user }) => user !== who);

const withRoles = (members: readonly Member[], roles: readonly RoleGiven[], seq: number): readonly Member[] =>
  members.map((member) => {
    const given = roles.find(({ user }) => user === member.user);
    return given === undefined ? member : { ...member, role: given.role, roleSeq: seq };
  });

const staying = { closes: false, successor: null } as const;

/** Without a member, or somebody who was invited. A room that closes waits for nobody. */
function departed(
  before: Room,
  who: UserName,
  seq: number,
  { closes, successor }: { readonly closes: boolean; readonly successor: UserName | null } = staying,
): Partial<Room> {
  return {
    members: withRoles(
      without(before.members, who),
      successor === null ? [] : [{ user: successor, role: 'owner' }],
      seq,
    ),
    invited: closes ? [] : without(before.invited, who),
    membershipSeq: seq,
    removalSeq: seq,
    ...(closes ? { name: null } : {}),
  };
}
