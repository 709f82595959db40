/**
 * `role`, `remove`: decisions of the owner and the moderators.
 *
 * Members judge them by the roles at the entry's position, and reject an entry whose author had not seen (`head`) the entries
 * that gave the author and the target their roles. So an old decision has no effect after either has changed.
 */
import { mayGiveRole, mayReadmit, mayRemove, type Payload } from '@chat/protocol';
import type { Invitation, Member, RoomState } from '../state.ts';
import { endMembership } from './membership.ts';
import { type Applied, type Placed, type Rule, reject } from './step.ts';

type Decision = Payload<'role'> | Payload<'remove'>;

/** Returns the author and the member that the decision concerns, or the code for which the entry is rejected. */
function authorAndTarget(
  state: RoomState,
  placed: Placed,
  payload: Decision,
): { readonly author: Member; readonly target: Member } | 'not-a-member' | 'unknown-member' | 'replayed' {
  const author = state.members.get(placed.entry.by);
  const target = state.members.get(payload.fingerprint);
  if (author === undefined) return 'not-a-member';
  if (target?.user !== payload.user) return 'unknown-member';
  return payload.head.seq < Math.max(author.roleSeq, target.roleSeq) ? 'replayed' : { author, target };
}

/** Applies a `remove` entry. */
export const applyRemove: Rule<'remove'> = (state, placed, payload) => {
  if (state.invited.has(payload.fingerprint)) return withdraw(state, placed, payload);
  const found = authorAndTarget(state, placed, payload);
  if (typeof found === 'string') return reject(state, placed, found, payload.author);
  const { author, target } = found;
  if (!mayRemove(author.role, target.role)) return reject(state, placed, 'not-allowed', payload.author);

  const { user, fingerprint } = target;
  const { seq } = placed;
  const { state: after, succession } = endMembership(state, fingerprint, { seq, at: payload.at });
  return {
    state: { ...after, removed: after.removed.put(fingerprint, { user, seq }) },
    events: [{ kind: 'removed', seq, at: payload.at, by: author.user, user, fingerprint }, ...succession],
  };
};

/** True when the author may withdraw the invitation: its inviter, the owner and the moderators may. */
export const mayWithdraw = (author: Member, invitation: Invitation): boolean =>
  author.role !== 'member' || invitation.by === author.fingerprint;

/** Withdraws an invitation. The invited user had the room's keys, so the next epoch must be fresh. */
function withdraw(state: RoomState, placed: Placed, payload: Payload<'remove'>): Applied {
  const author = state.members.get(placed.entry.by);
  const invitation = state.invited.get(payload.fingerprint);
  if (author === undefined) return reject(state, placed, 'not-a-member', payload.author);
  if (invitation?.user !== payload.user) return reject(state, placed, 'unknown-member', payload.author);
  if (payload.head.seq < Math.max(author.roleSeq, invitation.seq)) {
    return reject(state, placed, 'replayed', payload.author);
  }
  if (!mayWithdraw(author, invitation)) return reject(state, placed, 'not-allowed', payload.author);

  const { user, fingerprint } = invitation;
  const { seq } = placed;
  const { at } = payload;
  const event = { kind: 'withdrawn', seq, at, by: author.user, user, fingerprint } as const;
  return { state: endMembership(state, fingerprint, { seq, at }).state, events: [event] };
}

/** Applies a `role` entry. */
export const applyRole: Rule<'role'> = (state, placed, payload) => {
  if (state.removed.has(payload.fingerprint)) return readmit(state, placed, payload);
  const found = authorAndTarget(state, placed, payload);
  if (typeof found === 'string') return reject(state, placed, found, payload.author);
  const { author, target } = found;
  if (!mayGiveRole(author.role, target.role)) return reject(state, placed, 'not-allowed', payload.author);

  const { seq } = placed;
  const { role, at } = payload;
  const { user, fingerprint } = target;
  const given = state.members.put(fingerprint, { ...target, role, roleSeq: seq });
  // A room has one owner: an owner who makes another member the owner becomes a moderator.
  const former: Member = { ...author, role: 'moderator', roleSeq: seq };
  const members = role === 'owner' ? given.put(author.fingerprint, former) : given;
  return {
    state: { ...state, members },
    events: [{ kind: 'role', seq, at, by: author.user, user, fingerprint, role }],
  };
};

/** Readmits a removed user, who becomes a member only by a `join` of their own. */
function readmit(state: RoomState, placed: Placed, payload: Payload<'role'>): Applied {
  const { user, fingerprint, head, role, at } = payload;
  const author = state.members.get(placed.entry.by);
  const removal = state.removed.get(fingerprint);
  if (author === undefined) return reject(state, placed, 'not-a-member', payload.author);
  if (removal?.user !== user || role !== 'member') return reject(state, placed, 'unknown-member', payload.author);
  if (head.seq < Math.max(author.roleSeq, removal.seq)) return reject(state, placed, 'replayed', payload.author);
  if (!mayReadmit(author.role)) return reject(state, placed, 'not-allowed', payload.author);
  return {
    state: { ...state, removed: state.removed.without(fingerprint) },
    events: [{ kind: 'readmitted', seq: placed.seq, at, by: author.user, user, fingerprint }],
  };
}
