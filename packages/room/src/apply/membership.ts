/** `create`, `join`, `leave`: who is in the room. Each is signed by the one concerned. */
import { type Role, roomIdOf } from '@chat/protocol';
import { violation } from '../event.ts';
import { isRemoved, type Member, type RoomState } from '../state.ts';
import { depart } from './departure.ts';
import type { Placed, Rule } from './step.ts';

type Person = Pick<Member, 'key' | 'prekey'> & { readonly author: string };

function withMember(state: RoomState, placed: Placed, role: Role, person: Person): RoomState {
  const member: Member = {
    user: person.author,
    fingerprint: placed.entry.by,
    key: person.key,
    prekey: person.prekey,
    joinedAt: placed.seq,
    role,
    roleSeq: placed.seq,
  };
  return {
    ...state,
    members: { ...state.members, [member.fingerprint]: member },
    authors: { ...state.authors, [member.fingerprint]: { counter: 0, last: placed.hash } },
    membershipSeq: placed.seq,
  };
}

export const applyCreate: Rule<'create'> = (state, placed, payload) => {
  const misnamed = state.asked !== null && payload.name !== state.asked;
  if (placed.seq !== 1 || roomIdOf(placed.entry.payload) !== state.room || misnamed) {
    return { state, events: [violation('wrong-create', placed.seq)] };
  }
  return {
    state: { ...withMember(state, placed, 'owner', payload), name: payload.name, policy: payload.policy },
    events: [{ kind: 'created', seq: placed.seq, by: payload.author, name: payload.name, policy: payload.policy }],
  };
};

export const applyJoin: Rule<'join'> = (state, placed, payload) => {
  const { by } = placed.entry;
  // A name stands for one person in a room: a second key under it would speak in their name.
  if (Object.values(state.members).some((member) => member.user === payload.author || member.fingerprint === by)) {
    return { state, events: [violation('already-a-member', placed.seq, payload.author)] };
  }
  if (isRemoved(state, by, payload.author))
    return { state, events: [violation('removed', placed.seq, payload.author)] };
  // A length that the log had not reached would keep the join good after the person has left.
  if (payload.after < (state.left[by] ?? 0) || payload.after >= placed.seq)
    return { state, events: [violation('replayed', placed.seq, payload.author)] };

  // Who joins anew, ourselves included, starts from nothing: what was known before they left is void.
  const before = by === state.me ? { ...state, epochs: {}, secrets: {}, authors: {} } : state;
  return {
    state: withMember(before, placed, 'member', payload),
    events: [{ kind: 'joined', seq: placed.seq, at: payload.at, user: payload.author, fingerprint: by }],
  };
};

export const applyLeave: Rule<'leave'> = (state, placed, payload) => {
  const { by } = placed.entry;
  const member = state.members[by];
  if (member?.user !== payload.author) {
    return { state, events: [violation('not-a-member', placed.seq, payload.author)] };
  }
  if (payload.head.seq < member.joinedAt) return { state, events: [violation('replayed', placed.seq, member.user)] };
  const { user, fingerprint } = member;
  const { seq } = placed;
  const { state: after, succession } = depart(state, fingerprint, { seq, at: payload.at });
  return { state: after, events: [{ kind: 'left', seq, at: payload.at, user, fingerprint }, ...succession] };
};
