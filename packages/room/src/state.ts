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
  /** Position of their `create` or `join` entry. */
  readonly joinedAt: number;
  /** Where the room's keys began to be theirs: position of the invitation that they followed, else `joinedAt`. */
  readonly readsFrom: number;
  readonly role: Role;
  /** Position of the entry by which they have this role: what was signed in view of an earlier one is void. */
  readonly roleSeq: number;
}

/** Somebody who may join, and is given the room's keys already. */
export interface Invitation {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** SubjectPublicKeyInfo of the identity key, base64url: what their `join` is verified with. */
  readonly key: string;
  /** Position of the `invite` entry. */
  readonly seq: number;
  /** Who invited them, and may withdraw it. */
  readonly by: Fingerprint;
}

/** An identity that the server's authority has taken away: its key never joins again. */
export interface Revocation {
  readonly user: UserName;
  /** Position of the `revoke` entry. */
  readonly seq: number;
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
  /** The secret of the epoch before, under a key from this one's; null unless the room's history is for all. */
  readonly past: string | null;
}

/** An author's place in the chain of their messages. */
export interface AuthorChain {
  readonly counter: number;
  /** Entry hash of their latest message, or of their `create` or `join`. */
  readonly last: string;
}

export interface RoomState {
  readonly v: 2;
  readonly room: RoomId;
  readonly me: Fingerprint;
  /**
   * The log up to here is from before this member's latest invitation, else join: an earlier membership in it counts for
   * the others, not for us. 0 for the creator.
   */
  readonly since: number;
  /** SubjectPublicKeyInfo of the server's CA key, base64url: what a `revoke` is verified with. Null: none counts. */
  readonly authority: string | null;
  /** The name under which the room was looked up: one of another name is not it. Null: any. */
  readonly asked: RoomName | null;
  /** Null until the `create` entry was read; nothing else counts before. */
  readonly name: RoomName | null;
  readonly policy: Policy | null;
  readonly head: { readonly seq: number; readonly hash: string };
  /** Log hashes of the latest positions, the last one being the head's: what authors say they saw is held against them. */
  readonly recentHashes: readonly string[];
  readonly members: Readonly<Record<Fingerprint, Member>>;
  readonly invited: Readonly<Record<Fingerprint, Invitation>>;
  /** Position of the latest entry that changed who is a member or invited. */
  readonly membershipSeq: number;
  /** Position of the latest entry by which somebody ceased to be either; 0 when there was none. */
  readonly removalSeq: number;
  /** Where each person last ceased to be a member or invited: a join or invitation from before that is a replay. */
  readonly left: Readonly<Record<Fingerprint, number>>;
  readonly removed: Readonly<Record<Fingerprint, Removal>>;
  readonly revoked: Readonly<Record<Fingerprint, Revocation>>;
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

/** What a room starts from. */
export interface RoomOptions {
  /** The name under which it was looked up. */
  readonly asked?: RoomName | null;
  /**
   * The position before the invitation that this member follows; where there is none, the length of the log before they
   * join; 0 for a room that they create.
   */
  readonly since?: number;
  /** SubjectPublicKeyInfo of the server's CA key, base64url. */
  readonly authority?: string | null;
  /** Secrets known from an earlier reading of the same log: each counts when its epoch is read and commits to it. */
  readonly secrets?: Readonly<Record<number, string>>;
}

/** A room of which nothing is known but its id, before the first entry is read. */
export function emptyRoom(
  room: RoomId,
  me: Fingerprint,
  { asked = null, since = 0, authority = null, secrets = {} }: RoomOptions = {},
): RoomState {
  return {
    v: 2,
    room,
    me,
    since,
    authority,
    asked,
    name: null,
    policy: null,
    head: { seq: 0, hash: emptyLogHash(room) },
    recentHashes: [],
    members: {},
    invited: {},
    membershipSeq: 0,
    removalSeq: 0,
    left: {},
    removed: {},
    revoked: {},
    epoch: null,
    freshSeq: 0,
    freshSeenAt: null,
    epochs: {},
    secrets,
    draft: null,
    authors: {},
  };
}

/** The same record without one key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}
