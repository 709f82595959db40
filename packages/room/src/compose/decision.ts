/** Composes decisions of the owner and the moderators: roles, removals, readmissions. */
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
import type { Member, RoomState } from '../state.ts';
import { type Author, requireMembership, signEntry } from './compose.ts';

/**
 * Composes the entry that removes a member, or withdraws an invitation that has not been accepted.
 *
 * @throws RoomError `not-a-member`, `unknown-member`, `not-allowed`
 */
export function composeRemove(author: Author, state: RoomState, user: UserName): SignedEntry {
  const own = requireMembership(author, state);
  const invitation = state.invited.named(user);
  const target = invitation ?? memberNamed(user, state);
  if (invitation !== null && !mayWithdraw(own, invitation)) {
    throw notAllowed('Only the inviter, the owner or a moderator can withdraw an invitation.');
  }
  if ('role' in target && !mayRemove(own.role, target.role)) {
    throw notAllowed('The owner can remove any other member; a moderator can remove plain members.');
  }
  return signEntry<'remove'>(author.signer, state.room, {
    v: 1,
    type: 'remove',
    ...decision(author, state, user, target.fingerprint),
  });
}

/**
 * Composes the entry that gives a member a role, or, with the role `member` for a removed user, the readmission.
 *
 * @throws RoomError `not-a-member`, `unknown-member`, `not-allowed`
 */
export function composeRole(
  author: Author,
  state: RoomState,
  { user, role }: { readonly user: UserName; readonly role: Role },
): SignedEntry {
  const own = requireMembership(author, state);
  const readmitted = role === 'member' ? removedNamed(user, state) : null;
  if (readmitted === null && !mayGiveRole(own.role, memberNamed(user, state).role)) {
    throw notAllowed(
      'Only the owner gives roles, and only to other members: to stop being the owner, make another member the owner.',
    );
  }
  if (!mayReadmit(own.role)) {
    throw notAllowed('Only the owner and the moderators can readmit a removed user.');
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
  const found = state.members.named(user);
  if (found === null)
    throw new RoomError(
      'unknown-member',
      `No user named ${user} is in this room: check the name with the list of members.`,
    );
  return found;
}

/** Returns the fingerprint of the removed user with this name; null when there is none. */
const removedNamed = (user: UserName, state: RoomState): Fingerprint | null =>
  [...state.removed].find(([, removal]) => removal.user === user)?.[0] ?? null;
