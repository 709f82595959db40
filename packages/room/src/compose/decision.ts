/** What the owner and the moderators sign about others: a role, a removal, a readmission. */
import {
  type Fingerprint,
  mayGiveRole,
  mayReadmit,
  mayRemove,
  type Role,
  type SignedEntry,
  type UserName,
} from '@chat/protocol';
import { mayWithdraw } from '../apply/decision.ts';
import { RoomError } from '../errors.ts';
import { invitedOf, membersOf } from '../people.ts';
import type { Member, RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/**
 * The entry that takes a member out, or takes back an invitation that was not followed yet.
 *
 * Throws `not-a-member` when the author is none, `unknown-member` when nobody of that name is in the room or invited,
 * `not-allowed` when the author's role does not reach that far.
 */
export function composeRemove(author: Author, state: RoomState, user: UserName): SignedEntry {
  const own = requireMembership(author, state);
  const invitation = invitedOf(state).find((invited) => invited.user === user);
  const concerned = invitation ?? memberNamed(user, state);
  if (invitation !== undefined && !mayWithdraw(own, invitation)) {
    throw notAllowed('Whoever invited somebody takes it back, or the owner or a moderator.');
  }
  if ('role' in concerned && !mayRemove(own.role, concerned.role)) {
    throw notAllowed('The owner removes anybody but themself, a moderator those who are neither owner nor moderator.');
  }
  return signEntry<'remove'>(author.signer, state.room, {
    v: 1,
    type: 'remove',
    ...decision(author, state, user, concerned.fingerprint),
  });
}

/**
 * The entry that gives a member a role; with `member` for somebody who was removed, the one that lets them join again.
 * Throws as `composeRemove` does.
 */
export function composeRole(author: Author, state: RoomState, user: UserName, role: Role): SignedEntry {
  const own = requireMembership(author, state);
  const readmitted = role === 'member' ? removedNamed(user, state) : null;
  if (readmitted === null && !mayGiveRole(own.role, memberNamed(user, state).role)) {
    throw notAllowed('Only the owner gives roles, and not to themself: they hand the room over to somebody else.');
  }
  if (!mayReadmit(own.role)) {
    throw notAllowed('Only the owner and the moderators let somebody who was removed join again.');
  }
  return signEntry<'role'>(author.signer, state.room, {
    v: 1,
    type: 'role',
    ...decision(author, state, user, readmitted ?? memberNamed(user, state).fingerprint),
    role,
  });
}

const decision = (author: Author, state: RoomState, user: UserName, fingerprint: Fingerprint) => ({
  room: state.room,
  author: author.user,
  user,
  fingerprint,
  head: state.head,
  at: author.now,
});

const notAllowed = (rule: string) => new RoomError('not-allowed', rule);

function memberNamed(user: UserName, state: RoomState): Member {
  const found = membersOf(state).find((member) => member.user === user);
  if (found === undefined) throw new RoomError('unknown-member', `Nobody named ${user} is in this room.`);
  return found;
}

/** The key of somebody who was removed from the room; null when nobody of that name was. */
const removedNamed = (user: UserName, state: RoomState): Fingerprint | null =>
  Object.entries(state.removed).find(([, removal]) => removal.user === user)?.[0] ?? null;
