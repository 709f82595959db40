/** `create`, `join`, `leave`, each signed by the user that it concerns; and what the beginning and end of a membership change. */
import {
  type EntryType,
  type Fingerprint,
  type Payload,
  type Role,
  roomIdOf,
  successorOf,
  type UserName,
} from '@chat/protocol';
import { type RoomEvent, type ViolationCode, violation } from '../event.ts';
import { isAmong, isFull, isRecipient, isRemoved, isRevoked, mayRead } from '../people.ts';
import type { Member, RoomState } from '../state.ts';
import { UserMap } from '../user-map.ts';
import { type Placed, type Rule, reject } from './step.ts';

/**
 * Resets what the client knows of epochs and author chains when the local user's own membership or invitation begins. Secrets
 * from an earlier membership are no longer valid, and earlier messages of other authors have not been read. Nothing is reset
 * when the user could read the log before: as an invited user, or with history `all`.
 */
export const resetOwnKnowledge = (state: RoomState): RoomState =>
  mayRead(state) ? state : { ...state, epochs: {}, secrets: {}, authors: UserMap.empty };

/**
 * Ends a membership or an invitation, after `leave`, `decline`, `remove` or `revoke`. If the owner has gone, all members determine the
 * same successor without an entry.
 *
 * @returns the new state, and the event of a new owner, if there is one
 */
export function endMembership(
  state: RoomState,
  fingerprint: Fingerprint,
  { seq, at }: { readonly seq: number; readonly at: number },
): { readonly state: RoomState; readonly succession: readonly RoomEvent[] } {
  const ended: RoomState = {
    ...state,
    members: state.members.without(fingerprint),
    invited: state.invited.without(fingerprint),
    authors: state.authors.without(fingerprint),
    left: state.left.put(fingerprint, seq),
    membershipSeq: seq,
    removalSeq: seq,
  };
  const successor = successorOf(ended.members.values());
  if (successor === null) return { state: ended, succession: [] };
  const owner = { ...successor, role: 'owner' as const, roleSeq: seq };
  const { user } = owner;
  return {
    state: { ...ended, members: ended.members.put(owner.fingerprint, owner) },
    succession: [{ kind: 'role', seq, at, by: null, user, fingerprint: owner.fingerprint, role: 'owner' }],
  };
}

function withMember(
  state: RoomState,
  placed: Placed,
  role: Role,
  payload: Payload<'create'> | Payload<'join'>,
): RoomState {
  const { seq, entry, hash } = placed;
  const member: Member = {
    user: payload.author,
    fingerprint: entry.by,
    key: payload.key,
    joinedAt: seq,
    readsFrom: state.invited.get(entry.by)?.seq ?? seq,
    role,
    roleSeq: seq,
  };
  return {
    ...state,
    members: state.members.put(member.fingerprint, member),
    invited: state.invited.without(member.fingerprint),
    authors: state.authors.put(member.fingerprint, { counter: 0, last: hash }),
    membershipSeq: seq,
  };
}

/** Returns whether an entry of the room must have a signature with a low s. A `create` entry decides it for itself too. */
export const requiresLowS = (state: RoomState, payload: Payload<EntryType> | null): boolean =>
  payload?.type === 'create' ? payload.v !== 1 : state.lowS === true;

/** Applies a `create` entry. */
export const applyCreate: Rule<'create'> = (state, placed, payload) => {
  const misnamed = state.asked !== null && payload.name !== state.asked;
  if (placed.seq !== 1 || roomIdOf(placed.entry.payload) !== state.room || misnamed) {
    return reject(state, placed, 'wrong-create', null);
  }
  return {
    state: {
      ...withMember(state, placed, 'owner', payload),
      name: payload.name,
      policy: payload.policy,
      lowS: requiresLowS(state, payload),
    },
    events: [{ kind: 'created', seq: placed.seq, by: payload.author, name: payload.name, policy: payload.policy }],
  };
};

/** In every room, an invited name or key joins only as the invitation states. Any other user joins an open room only. */
function mayJoin(state: RoomState, by: Fingerprint, author: UserName): boolean {
  return isAmong(state.invited, author, by) ? state.invited.get(by)?.user === author : state.policy?.join === 'open';
}

function joinBreach(state: RoomState, { seq, entry: { by } }: Placed, payload: Payload<'join'>): ViolationCode | null {
  // A name stands for one user in a room: a second key under the same name could speak as that user.
  if (isAmong(state.members, payload.author, by)) return 'already-a-member';
  if (isRemoved(state, by, payload.author)) return 'removed';
  if (isRevoked(state, by)) return 'revoked';
  if (!mayJoin(state, by, payload.author)) return 'not-invited';
  // With an `after` beyond the end of the log, the entry would stay valid after the user has left.
  if (payload.after < (state.left.get(by) ?? 0) || payload.after >= seq) return 'replayed';
  // An invited user counts already.
  return !state.invited.has(by) && isFull(state) ? 'room-full' : null;
}

/** Applies a `join` entry. */
export const applyJoin: Rule<'join'> = (state, placed, payload) => {
  const { by } = placed.entry;
  const { seq } = placed;
  const breach = joinBreach(state, placed, payload);
  if (breach !== null) return reject(state, placed, breach, payload.author);

  const own = by === state.me && seq > state.since;
  const joined = { kind: 'joined', seq, at: payload.at, user: payload.author, fingerprint: by } as const;
  // The server concealed the invitation or reported a later one, and so withheld messages that this user may read.
  const withheld = own && state.invited.has(by) && !isRecipient(state);
  return {
    state: withMember(by === state.me ? resetOwnKnowledge(state) : state, placed, 'member', payload),
    events: withheld ? [violation('withheld', seq), joined] : [joined],
  };
};

/** Applies a `leave` entry. */
export const applyLeave: Rule<'leave'> = (state, placed, payload) => {
  const { by } = placed.entry;
  const member = state.members.get(by);
  if (member?.user !== payload.author) return reject(state, placed, 'not-a-member', payload.author);
  if (payload.head.seq < member.joinedAt) return reject(state, placed, 'replayed', member.user);
  const { user, fingerprint } = member;
  const { seq } = placed;
  const { state: after, succession } = endMembership(state, fingerprint, { seq, at: payload.at });
  return { state: after, events: [{ kind: 'left', seq, at: payload.at, user, fingerprint }, ...succession] };
};
