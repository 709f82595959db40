/**
 * `role`, `remove`: what the owner and the moderators decide about others.
 *
 * Judged by the roles as they are at the entry's place, and void unless its author had seen the entries by which both
 * have them (`head`): so an old one is worth nothing once anything about either has changed, whoever kept it.
 */
import { type Fingerprint, mayGiveRole, mayReadmit, mayRemove, type Payload } from '@chat/protocol';
import { type Invitation, type Member, type RoomState, without } from '../state.ts';
import { depart } from './departure.ts';
import { type Applied, type Placed, type Rule, refuse } from './step.ts';

type Decision = Payload<'role'> | Payload<'remove'>;

/** Author and concerned, where both are members and were seen as they are now; else why the entry is void. */
function parties(
  state: RoomState,
  placed: Placed,
  payload: Decision,
): { readonly author: Member; readonly concerned: Member } | 'not-a-member' | 'unknown-member' | 'replayed' {
  const author = state.members[placed.entry.by];
  const concerned = state.members[payload.fingerprint];
  if (author === undefined) return 'not-a-member';
  if (concerned?.user !== payload.user) return 'unknown-member';
  return payload.head.seq < Math.max(author.roleSeq, concerned.roleSeq) ? 'replayed' : { author, concerned };
}

export const applyRemove: Rule<'remove'> = (state, placed, payload) => {
  if (Object.hasOwn(state.invited, payload.fingerprint)) return withdraw(state, placed, payload);
  const found = parties(state, placed, payload);
  if (typeof found === 'string') return refuse(state, placed, found, payload.author);
  const { author, concerned } = found;
  if (!mayRemove(author.role, concerned.role)) return refuse(state, placed, 'not-allowed', payload.author);

  const { user, fingerprint } = concerned;
  const { seq } = placed;
  const { state: after, succession } = depart(state, fingerprint, { seq, at: payload.at });
  return {
    state: { ...after, removed: { ...after.removed, [fingerprint]: { user, seq } } },
    events: [{ kind: 'removed', seq, at: payload.at, by: author.user, user, fingerprint }, ...succession],
  };
};

/** Whoever invited somebody may withdraw it, and so may the owner and the moderators. */
export const mayWithdraw = (author: Member, invitation: Invitation): boolean =>
  author.role !== 'member' || invitation.by === author.fingerprint;

/** Somebody who was invited and has not joined may not any more. They had the keys, so the room's is fresh from here on. */
function withdraw(state: RoomState, placed: Placed, payload: Payload<'remove'>): Applied {
  const author = state.members[placed.entry.by];
  const invitation = state.invited[payload.fingerprint];
  if (author === undefined) return refuse(state, placed, 'not-a-member', payload.author);
  if (invitation?.user !== payload.user) return refuse(state, placed, 'unknown-member', payload.author);
  if (payload.head.seq < Math.max(author.roleSeq, invitation.seq)) {
    return refuse(state, placed, 'replayed', payload.author);
  }
  if (!mayWithdraw(author, invitation)) return refuse(state, placed, 'not-allowed', payload.author);

  const { user, fingerprint } = invitation;
  const { seq } = placed;
  const { at } = payload;
  const event = { kind: 'withdrawn', seq, at, by: author.user, user, fingerprint } as const;
  return { state: depart(state, fingerprint, { seq, at }).state, events: [event] };
}

export const applyRole: Rule<'role'> = (state, placed, payload) => {
  if (state.removed[payload.fingerprint] !== undefined) return readmit(state, placed, payload);
  const found = parties(state, placed, payload);
  if (typeof found === 'string') return refuse(state, placed, found, payload.author);
  const { author, concerned } = found;
  if (!mayGiveRole(author.role, concerned.role)) return refuse(state, placed, 'not-allowed', payload.author);

  const { seq } = placed;
  const { role, at } = payload;
  const { user, fingerprint } = concerned;
  const members: Record<Fingerprint, Member> = {
    ...state.members,
    [fingerprint]: { ...concerned, role, roleSeq: seq },
  };
  // A room has one owner: who hands it over is a moderator.
  if (role === 'owner') members[author.fingerprint] = { ...author, role: 'moderator', roleSeq: seq };
  return {
    state: { ...state, members },
    events: [{ kind: 'role', seq, at, by: author.user, user, fingerprint, role }],
  };
};

/** Somebody who was removed may join again. They are no member by this: that takes their own `join`. */
function readmit(state: RoomState, placed: Placed, payload: Payload<'role'>): Applied {
  const { user, fingerprint, head, role, at } = payload;
  const author = state.members[placed.entry.by];
  const removal = state.removed[fingerprint];
  if (author === undefined) return refuse(state, placed, 'not-a-member', payload.author);
  if (removal?.user !== user || role !== 'member') return refuse(state, placed, 'unknown-member', payload.author);
  if (head.seq < Math.max(author.roleSeq, removal.seq)) return refuse(state, placed, 'replayed', payload.author);
  if (!mayReadmit(author.role)) return refuse(state, placed, 'not-allowed', payload.author);
  return {
    state: { ...state, removed: without(state.removed, fingerprint) },
    events: [{ kind: 'readmitted', seq: placed.seq, at, by: author.user, user, fingerprint }],
  };
}
