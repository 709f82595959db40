/** A room as one member knows it: plain data, never changed in place, to be stored as JSON. */
import {
  emptyLogHash,
  type Fingerprint,
  type Policy,
  type Role,
  type RoomId,
  type RoomName,
  type UserName,
} from '@chat/protocol';

export interface Member {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo of the identity key, base64url. */
  readonly key: string;
  /** Where room keys are wrapped to, base64url. */
  readonly prekey: string;
  /** Position of their `create` or `join` entry. */
  readonly joinedAt: number;
  readonly role: Role;
  /** Position of the entry by which they have this role: what was signed in view of an earlier one is void. */
  readonly roleSeq: number;
}

/** Somebody who was taken out: neither this key nor this name joins again until readmitted. */
export interface Removal {
  readonly user: UserName;
  /** Position of the `remove` entry. */
  readonly seq: number;
}

export interface Epoch {
  readonly number: number;
  /** Entry hash of the epoch entry. */
  readonly hash: string;
  readonly kind: 'fresh' | 'step';
  readonly author: Fingerprint;
  /** Position of the membership change that it answers. */
  readonly answers: number;
  readonly commitment: string;
}

/** An author's place in the chain of their messages. */
export interface AuthorChain {
  readonly counter: number;
  /** Entry hash of their latest message, or of their `create` or `join`. */
  readonly last: string;
}

export interface RoomState {
  readonly v: 1;
  readonly room: RoomId;
  readonly me: Fingerprint;
  /**
   * The log up to here is from before this member's latest join: an earlier membership in it counts for the others, not
   * for us. 0 for the creator.
   */
  readonly since: number;
  /** The name under which the room was looked up: one of another name is not it. Null: any. */
  readonly asked: RoomName | null;
  /** Null until the `create` entry was read; nothing else counts before. */
  readonly name: RoomName | null;
  readonly policy: Policy | null;
  readonly head: { readonly seq: number; readonly hash: string };
  /** Log hashes of the latest positions, the last one being the head's: what a message says its author saw is held against them. */
  readonly recentHashes: readonly string[];
  readonly members: Readonly<Record<Fingerprint, Member>>;
  /** Position of the latest `create`, `join`, `leave` or `remove`. */
  readonly membershipSeq: number;
  /** Position of the latest `leave` or `remove`; 0 when there was none. */
  readonly removalSeq: number;
  /** Where each person last left or was removed: a join from before that is a replay. */
  readonly left: Readonly<Record<Fingerprint, number>>;
  readonly removed: Readonly<Record<Fingerprint, Removal>>;
  /** The latest epoch. */
  readonly epoch: Epoch | null;
  /** Position of the epoch that made the latest fresh key; 0 before the first. */
  readonly freshSeq: number;
  /** When this member first knew of that key, in ms by their own clock; null until `noteKeySeen`. */
  readonly freshSeenAt: number | null;
  /** The latest epoch, and those before it whose secrets may still lead to its own: what a late wrap is checked against. */
  readonly epochs: Readonly<Record<number, Epoch>>;
  /** Epoch secrets in base64url, by number. Secret: this state is to be stored sealed. */
  readonly secrets: Readonly<Record<number, string>>;
  /** The epoch that this member has proposed and not yet seen on the log. Secret. */
  readonly draft: { readonly hash: string; readonly secret: string } | null;
  /** Absent: not known yet, the next message of that author is where their chain starts for us. */
  readonly authors: Readonly<Record<Fingerprint, AuthorChain>>;
}

/** How many log hashes are kept to hold others' views against. */
export const recentHashCount = 512;

/**
 * A room of which nothing is known but its id, before the first entry is read.
 *
 * @param options `asked`: the name under which it was looked up; `since`: the length of the log before this member joins,
 * 0 for a room that they create
 */
export function emptyRoom(
  room: RoomId,
  me: Fingerprint,
  { asked = null, since = 0 }: { readonly asked?: RoomName | null; readonly since?: number } = {},
): RoomState {
  return {
    v: 1,
    room,
    me,
    since,
    asked,
    name: null,
    policy: null,
    head: { seq: 0, hash: emptyLogHash(room) },
    recentHashes: [],
    members: {},
    membershipSeq: 0,
    removalSeq: 0,
    left: {},
    removed: {},
    epoch: null,
    freshSeq: 0,
    freshSeenAt: null,
    epochs: {},
    secrets: {},
    draft: null,
    authors: {},
  };
}

export const isMember = (state: RoomState, who: Fingerprint): boolean => Object.hasOwn(state.members, who);

/** Whether this member has reached their own latest join on the log, and is still in the room. */
export const isPresent = (state: RoomState): boolean => (state.members[state.me]?.joinedAt ?? 0) > state.since;

/** Whether this key, or this name, was taken out and not readmitted since. */
export const isRemoved = (state: RoomState, who: Fingerprint, user: UserName): boolean =>
  Object.hasOwn(state.removed, who) || Object.values(state.removed).some((removal) => removal.user === user);

/** Whether somebody took us out since we joined, and nobody has readmitted us. */
export const wasRemoved = (state: RoomState): boolean =>
  !isMember(state, state.me) && (state.removed[state.me]?.seq ?? 0) > state.since;

/** Members in the order in which they joined. */
export const membersOf = (state: RoomState): readonly Member[] =>
  Object.values(state.members).sort((a, b) => a.joinedAt - b.joinedAt);

/** Whether the membership has changed and no epoch has answered it yet, or there is none at all. */
export const membershipChanged = (state: RoomState): boolean => (state.epoch?.answers ?? 0) < state.membershipSeq;

/** Whether somebody left or was removed, and the room's key has not changed since: nothing may be said under the old one. */
export const removalPending = (state: RoomState): boolean =>
  state.epoch !== null && state.removalSeq > state.epoch.answers;

/** The log hash after `seq`, or null when it is too old to be known. */
function logHashAt(state: RoomState, seq: number): string | null {
  return state.recentHashes[state.recentHashes.length - 1 - (state.head.seq - seq)] ?? null;
}

/** Whether an author who saw the log at `head` saw another one than we did. Too old to be compared is not a breach by itself. */
export function sawAnotherLog(state: RoomState, head: { readonly seq: number; readonly hash: string }): boolean {
  if (head.seq >= state.head.seq) return true;
  const ours = logHashAt(state, head.seq);
  return ours !== null && ours !== head.hash;
}

/** The same record without one key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
