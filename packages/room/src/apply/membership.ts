/** `create`, `join`, `leave`: who is in the room. Each is signed by the one concerned. */
import { type Fingerprint, type Payload, type Role, roomIdOf, type UserName } from '@chat/protocol';
import { type ViolationCode, violation } from '../event.ts';
import { isAmong, isRecipient, isRemoved, isRevoked } from '../people.ts';
import { type Member, type RoomState, without } from '../state.ts';
import { comeAnew } from './coming.ts';
import { depart } from './departure.ts';
import { type Placed, type Rule, refuse } from './step.ts';

type Person = Payload<'create'> | Payload<'join'>;

function withMember(state: RoomState, placed: Placed, role: Role, person: Person): RoomState {
  const { seq, entry, hash } = placed;
  const member: Member = {
    user: person.author,
    fingerprint: entry.by,
    key: person.key,
    joinedAt: seq,
    readsFrom: state.invited[entry.by]?.seq ?? seq,
    role,
    roleSeq: seq,
  };
  return {
    ...state,
    members: { ...state.members, [member.fingerprint]: member },
    invited: without(state.invited, member.fingerprint),
    authors: { ...state.authors, [member.fingerprint]: { counter: 0, last: hash } },
    membershipSeq: seq,
  };
}

export const applyCreate: Rule<'create'> = (state, placed, payload) => {
  const misnamed = state.asked !== null && payload.name !== state.asked;
  if (placed.seq !== 1 || roomIdOf(placed.entry.payload) !== state.room || misnamed) {
    return refuse(state, placed, 'wrong-create', null);
  }
  return {
    state: { ...withMember(state, placed, 'owner', payload), name: payload.name, policy: payload.policy },
    events: [{ kind: 'created', seq: placed.seq, by: payload.author, name: payload.name, policy: payload.policy }],
  };
};

/** A name or key that is invited is the person's whom it was given to, in every room; else only an open one lets anybody in. */
function mayCome(state: RoomState, by: Fingerprint, author: UserName): boolean {
  return isAmong(state.invited, author, by) ? state.invited[by]?.user === author : state.policy?.join === 'open';
}

function joinBreach(state: RoomState, { seq, entry: { by } }: Placed, payload: Payload<'join'>): ViolationCode | null {
  // A name stands for one person in a room: a second key under it would speak in their name.
  if (isAmong(state.members, payload.author, by)) return 'already-a-member';
  if (isRemoved(state, by, payload.author)) return 'removed';
  if (isRevoked(state, by)) return 'revoked';
  if (!mayCome(state, by, payload.author)) return 'not-invited';
  // A length that the log had not reached would keep the join good after the person has left.
  return payload.after < (state.left[by] ?? 0) || payload.after >= seq ? 'replayed' : null;
}

export const applyJoin: Rule<'join'> = (state, placed, payload) => {
  const { by } = placed.entry;
  const { seq } = placed;
  const breach = joinBreach(state, placed, payload);
  if (breach !== null) return refuse(state, placed, breach, payload.author);

  const own = by === state.me && seq > state.since;
  const joined = { kind: 'joined', seq, at: payload.at, user: payload.author, fingerprint: by } as const;
  // The server told us of no invitation, or of a later one, and kept from us what we could have read since.
  const withheld = own && Object.hasOwn(state.invited, by) && !isRecipient(state);
  return {
    state: withMember(by === state.me ? comeAnew(state) : state, placed, 'member', payload),
    events: withheld ? [violation('withheld', seq), joined] : [joined],
  };
};

export const applyLeave: Rule<'leave'> = (state, placed, payload) => {
  const { by } = placed.entry;
  const member = state.members[by];
  if (member?.user !== payload.author) return refuse(state, placed, 'not-a-member', payload.author);
  if (payload.head.seq < member.joinedAt) return refuse(state, placed, 'replayed', member.user);
  const { user, fingerprint } = member;
  const { seq } = placed;
  const { state: after, succession } = depart(state, fingerprint, { seq, at: payload.at });
  return { state: after, events: [{ kind: 'left', seq, at: payload.at, user, fingerprint }, ...succession] };
};
