/**
 * When somebody may give a role, take a member out or an invitation back, or let one who was taken out join again: as the
 * members judge it.
 */
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
import type { Member, Room, RoomChange } from '../../ports/room-store.ts';
import { admitWithdrawal } from './invitation-rules.ts';

type Decision = Payload<'role'> | Payload<'remove'>;

const notAllowed = (rule: string) => new ProtocolError('not-allowed', rule);

/** A decision is about people as its author saw them: what was signed before either got their present role is void. */
function requireSeen({ head }: Decision, ...since: readonly number[]): void {
  if (head.seq >= Math.max(...since)) return;
  throw new ProtocolError(
    'entry-refused',
    'Something about you or about them has changed since this was signed: read the log up to its head and sign it again.',
  );
}

const unknownMember = (user: UserName) => new ProtocolError('unknown-member', `Nobody named ${user} is in this room.`);

const concernedIn = <T extends Identity>(people: readonly T[], { user, fingerprint }: Identity): T | undefined =>
  people.find((each) => each.user === user && each.fingerprint === fingerprint);

export function admitRemove(state: Room, author: Member, payload: Payload<'remove'>): RoomChange {
  const invited = concernedIn(state.invited, payload);
  if (invited !== undefined) {
    requireSeen(payload, author.roleSeq, invited.seq);
    return admitWithdrawal(author, invited);
  }
  const concerned = concernedIn(state.members, payload);
  if (concerned === undefined) throw unknownMember(payload.user);
  requireSeen(payload, author.roleSeq, concerned.roleSeq);
  if (!mayRemove(author.role, concerned.role)) {
    throw notAllowed('The owner removes anybody but themself, a moderator those who are neither owner nor moderator.');
  }
  return { kind: 'remove', user: concerned.user, fingerprint: concerned.fingerprint };
}

export function admitRole(state: Room, author: Member, payload: Payload<'role'>): RoomChange {
  const removal = state.removed.find(({ fingerprint }) => fingerprint === payload.fingerprint);
  if (removal !== undefined) {
    if (removal.user !== payload.user || payload.role !== 'member') throw unknownMember(payload.user);
    requireSeen(payload, author.roleSeq, removal.seq);
    if (!mayReadmit(author.role)) throw notAllowed('Only the owner and the moderators let somebody join again.');
    return { kind: 'readmit', fingerprint: removal.fingerprint };
  }
  const concerned = concernedIn(state.members, payload);
  if (concerned === undefined) throw unknownMember(payload.user);
  requireSeen(payload, author.roleSeq, concerned.roleSeq);
  if (!mayGiveRole(author.role, concerned.role)) {
    throw notAllowed('Only the owner gives roles, and not to themself: they hand the room over to somebody else.');
  }
  const given = { user: concerned.user, role: payload.role };
  const roles = payload.role === 'owner' ? [given, { user: author.user, role: 'moderator' as const }] : [given];
  return { kind: 'role', roles };
}

/** What it does to a room that this member goes. */
export function departureOf({ members }: Room, who: Member): { closes: boolean; successor: UserName | null } {
  const staying = members.filter((member) => member !== who);
  return { closes: staying.length === 0, successor: successorOf(staying)?.user ?? null };
}
