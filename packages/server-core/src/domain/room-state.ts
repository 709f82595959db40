/** Computes a room's state after one more entry: a pure function for the server's memory and for stores. */
import type { Identity, Role, UserName } from '@chat/protocol';
import type { Appending, Departure, Member, RoleGiven, Room, RoomChange } from '../ports/room-store.ts';

/** The parts of an entry that determine its effect on the room. */
export type RoomStep = Pick<Appending, 'room' | 'seq' | 'at' | 'change'>;

/**
 * Returns the state after the entry.
 *
 * @param before null for a `create`, which starts a room
 */
export function advance(before: Room | null, step: RoomStep): Room {
  const { room, seq, at, change } = step;
  if (change?.kind === 'create') {
    return {
      room,
      name: change.name,
      policy: change.policy,
      createdAt: at,
      head: seq,
      members: [newMember(change, 'owner', { joinedAt: seq, readsFrom: seq })],
      invited: [],
      removed: [],
      revoked: [],
      membershipSeq: seq,
      removalSeq: 0,
      epoch: null,
    };
  }
  if (before === null) throw new Error(`Room ${room} has no entry, so position ${seq} cannot follow one.`);
  // A message, by far the most frequent entry.
  if (change === null) return { ...before, head: seq };
  return { ...before, head: seq, ...changesBy(change, before, { seq, at }) };
}

function changesBy(
  change: Exclude<RoomChange, { kind: 'create' }>,
  before: Room,
  { seq, at }: Pick<RoomStep, 'seq' | 'at'>,
): Partial<Room> {
  switch (change.kind) {
    case 'invite': {
      const { user, fingerprint, by } = change;
      return { invited: [...before.invited, { user, fingerprint, seq, by, at }], membershipSeq: seq };
    }
    case 'join':
      return {
        members: [...before.members, newMember(change, 'member', { joinedAt: seq, readsFrom: change.readsFrom })],
        invited: without(before.invited, change.user),
        membershipSeq: seq,
      };
    case 'leave':
      return withoutUser(before, change.user, { ...change, seq });
    case 'remove':
      return {
        ...withoutUser(before, change.user, { ...noDeparture, seq }),
        removed: [...before.removed, positionedIdentity(change, seq)],
      };
    case 'withdraw':
    case 'decline':
      return withoutUser(before, change.user, { ...noDeparture, seq });
    case 'readmit':
      return { removed: before.removed.filter(({ fingerprint }) => fingerprint !== change.fingerprint) };
    case 'revoke': {
      const { departure, user } = change;
      return {
        ...(departure === null ? {} : withoutUser(before, user, { ...departure, seq })),
        revoked: [...before.revoked, positionedIdentity(change, seq)],
      };
    }
    case 'renew-key':
      return {
        members: withKey(before.members, change),
        invited: withKey(before.invited, change),
        membershipSeq: seq,
        removalSeq: seq,
      };
    case 'role':
      return { members: withRoles(before.members, change.roles, seq) };
    case 'epoch':
      return { epoch: change.epoch };
  }
}

const positionedIdentity = ({ user, fingerprint }: Identity, seq: number) => ({ user, fingerprint, seq });

const newMember = (
  { user, fingerprint }: Identity,
  role: Role,
  { joinedAt, readsFrom }: Pick<Member, 'joinedAt' | 'readsFrom'>,
): Member => ({ user, fingerprint, joinedAt, readsFrom, role, roleSeq: joinedAt });

const without = <T extends Identity>(identities: readonly T[], departed: UserName): readonly T[] =>
  identities.filter(({ user }) => user !== departed);

const withKey = <T extends Identity>(identities: readonly T[], { user, fingerprint }: Identity): readonly T[] =>
  identities.map((each) => (each.user === user ? { ...each, fingerprint } : each));

const withRoles = (members: readonly Member[], roles: readonly RoleGiven[], seq: number): readonly Member[] =>
  members.map((member) => {
    const given = roles.find(({ user }) => user === member.user);
    return given === undefined ? member : { ...member, role: given.role, roleSeq: seq };
  });

const noDeparture: Departure = { closes: false, successor: null };

/** Takes a member or an invited user out of the room. A room that closes drops all invitations. */
function withoutUser(
  before: Room,
  user: UserName,
  { seq, closes, successor }: Departure & { readonly seq: number },
): Partial<Room> {
  return {
    members: withRoles(
      without(before.members, user),
      successor === null ? [] : [{ user: successor, role: 'owner' }],
      seq,
    ),
    invited: closes ? [] : without(before.invited, user),
    membershipSeq: seq,
    removalSeq: seq,
    ...(closes ? { name: null } : {}),
  };
}
