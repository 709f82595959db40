/** Rules of `role` and `remove` entries. They match the rules by which members judge these entries. */
import {
  type Identity,
  mayGiveRole,
  mayReadmit,
  mayRemove,
  type Payload,
  ProtocolError,
  successorOf,
  type UserName,
} from '@chat/protocol';
import type { Departure, Member, Room, RoomChange } from '../../ports/room-store.ts';
import { admitWithdrawal } from './invitation-rules.ts';

type Decision = Payload<'role'> | Payload<'remove'>;

const notAllowed = (rule: string) => new ProtocolError('not-allowed', rule);

/**
 * A decision applies to the roles that its author has seen. One that was signed before either user got the present role is
 * refused.
 *
 * @param roleSeqs positions at which the author and the other user got their present roles
 */
function requireSeen({ head }: Decision, ...roleSeqs: readonly number[]): void {
  if (head.seq >= Math.max(...roleSeqs)) return;
  throw new ProtocolError(
    'entry-refused',
    'Your role or the role of the other user has changed since this entry was signed: read the log up to its head and sign it again.',
  );
}

const unknownMember = (user: UserName) => new ProtocolError('unknown-member', `${user} is not in this room.`);

const findIdentity = <T extends Identity>(identities: readonly T[], { user, fingerprint }: Identity): T | undefined =>
  identities.find((each) => each.user === user && each.fingerprint === fingerprint);

/**
 * Returns the effect of a `remove` entry: a removal, or the withdrawal of an invitation.
 *
 * @throws ProtocolError `unknown-member`, `entry-refused`, `not-allowed`
 */
export function admitRemove(state: Room, author: Member, payload: Payload<'remove'>): RoomChange {
  const invited = findIdentity(state.invited, payload);
  if (invited !== undefined) {
    requireSeen(payload, author.roleSeq, invited.seq);
    return admitWithdrawal(author, invited);
  }
  const member = findIdentity(state.members, payload);
  if (member === undefined) throw unknownMember(payload.user);
  requireSeen(payload, author.roleSeq, member.roleSeq);
  if (!mayRemove(author.role, member.role)) {
    throw notAllowed('The owner can remove any other member; a moderator can remove plain members.');
  }
  return { kind: 'remove', user: member.user, fingerprint: member.fingerprint };
}

/**
 * Returns the effect of a `role` entry: a new role, or the readmission of a removed user.
 *
 * @throws ProtocolError `unknown-member`, `entry-refused`, `not-allowed`
 */
export function admitRole(state: Room, author: Member, payload: Payload<'role'>): RoomChange {
  const removal = state.removed.find(({ fingerprint }) => fingerprint === payload.fingerprint);
  if (removal !== undefined) {
    if (removal.user !== payload.user || payload.role !== 'member') throw unknownMember(payload.user);
    requireSeen(payload, author.roleSeq, removal.seq);
    if (!mayReadmit(author.role)) throw notAllowed('Only the owner and moderators can readmit a removed user.');
    return { kind: 'readmit', fingerprint: removal.fingerprint };
  }
  const member = findIdentity(state.members, payload);
  if (member === undefined) throw unknownMember(payload.user);
  requireSeen(payload, author.roleSeq, member.roleSeq);
  if (!mayGiveRole(author.role, member.role)) {
    throw notAllowed('Only the owner can give roles, and only to other members: hand the room over to one of them.');
  }
  const given = { user: member.user, role: payload.role };
  const roles = payload.role === 'owner' ? [given, { user: author.user, role: 'moderator' as const }] : [given];
  return { kind: 'role', roles };
}

/** Returns the effect of a member's departure: whether the room closes, and which member becomes the owner. */
export function departureOf({ members }: Room, departing: Member): Departure {
  const remaining = members.filter((member) => member !== departing);
  return { closes: remaining.length === 0, successor: successorOf(remaining)?.user ?? null };
}
