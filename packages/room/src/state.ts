/** A room's state as one member knows it: data that is never changed in place and can be stored as JSON. */
import {
  emptyLogHash,
  type Fingerprint,
  LogHashes,
  type Policy,
  type PublicIdentity,
  type Role,
  type RoomId,
  type RoomName,
  type UserName,
} from '@chat/protocol';
import { UserMap } from './user-map.ts';

/** A member; `key` is the identity key. */
export interface Member extends PublicIdentity {
  /** Position of the member's `create` or `join` entry. */
  readonly joinedAt: number;
  /** Position from which the member may read: that of the invitation that the join accepted, else `joinedAt`. */
  readonly readsFrom: number;
  readonly role: Role;
  /**
   * The keys that the member had in this room since joining it, before `key`, oldest first. Default: none, also in states that were
   * stored before messages could be changed.
   */
  readonly earlierKeys?: readonly Fingerprint[];
  /** Position of the entry that gave this role. Decisions of an author who had not seen that position are rejected. */
  readonly roleSeq: number;
}

/** An invited user who has not joined; `key` verifies the user's `join`. New epochs are made for this user too. */
export interface Invitation extends PublicIdentity {
  /** Position of the `invite` entry. */
  readonly seq: number;
  /** The member who made the invitation and may withdraw it. */
  readonly by: Fingerprint;
}

/** A revoked identity. Its key never joins again. */
export interface Revocation {
  readonly user: UserName;
  /** Position of the `revoke` entry. */
  readonly seq: number;
}

/** A removed user. Neither this key nor this name joins again until a readmission. */
export interface Removal {
  readonly user: UserName;
  /** Position of the `remove` entry. */
  readonly seq: number;
}

/** An epoch as its entry announced it. */
export interface Epoch {
  /** Version of its entry. With 1, the secret was wrapped by elliptic curves alone. */
  readonly v: 1 | 2;
  /** The epoch number; the first is 1. */
  readonly number: number;
  /** Hash of the epoch entry. */
  readonly hash: string;
  /** `fresh`: a secret from new randomness. `step`: a secret derived from the one before. */
  readonly kind: 'fresh' | 'step';
  readonly author: Fingerprint;
  /** The `membershipSeq` for which the author made this epoch. Users who joined or were invited later are not recipients. */
  readonly answers: number;
  /** Hash that fixes the epoch secret. */
  readonly commitment: string;
  /** Commitment to the tree over all wraps; null in version 1. */
  readonly wraps: string | null;
  /** The previous epoch's secret, encrypted under a key derived from this epoch's; null unless the history is `all`. */
  readonly past: string | null;
}

/** An epoch that this client has proposed. */
export interface Draft {
  /** The commitment of the epoch; in a state that was stored before version 4 of the protocol, the hash of its entry. */
  readonly hash: string;
  /** In base64url. Secret. */
  readonly secret: string;
}

/** An author chain: the counter and hash that link an author's messages. */
export interface AuthorChain {
  readonly counter: number;
  /** Hash of the author's latest message entry, else of the author's `create` or `join` entry. */
  readonly last: string;
}

/** The state of a room. It contains secrets: a client stores it encrypted. */
export interface RoomState {
  /** Version of this structure. */
  readonly v: 2;
  /** The room id. */
  readonly room: RoomId;
  /** The local user's identity key. */
  readonly me: Fingerprint;
  /**
   * The last position before the local user's latest invitation or, without one, latest join; 0 for the creator. A membership
   * of the local user before that position exists for the other members, but gives the local user no keys.
   */
  readonly since: number;
  /**
   * The keys of the server's CAs, oldest first, as SubjectPublicKeyInfo in base64url. They verify `revoke` entries. Empty: all are
   * rejected.
   */
  readonly authorities: readonly string[];
  /** The first of `authorities` that still counts: a `revoke` under one of them ends all keys before it. */
  readonly authorityFrom: number;
  /** The server id, which renewals of identity keys name. Default: none, and all of them are rejected. */
  readonly serverId?: string;
  /** The room name that the user looked up. A room with another name is rejected. Null: any name. */
  readonly asked: RoomName | null;
  /** The room name; null until the `create` entry has been read. No other entry is accepted before. */
  readonly name: RoomName | null;
  /**
   * True when every entry must have a signature with a low s: the `create` entry has `v` 2. Default: false, which is right for
   * states that were stored before rooms had that rule.
   */
  readonly lowS?: boolean;
  /** The room policy; null until the `create` entry has been read. */
  readonly policy: Policy | null;
  /** Position and log hash of the latest entry. */
  readonly head: { readonly seq: number; readonly hash: string };
  /** Log hashes of the latest positions, the head's last. Author views are compared with them. */
  readonly recentHashes: LogHashes;
  readonly members: UserMap<Member>;
  readonly invited: UserMap<Invitation>;
  /** Position of the latest entry that changed the members or invited users. */
  readonly membershipSeq: number;
  /** Position of the latest entry that ended a membership or invitation; 0 when there was none. */
  readonly removalSeq: number;
  /** Position where each user's latest membership or invitation ended. An older join or invitation is a replay. */
  readonly left: UserMap<number>;
  readonly removed: UserMap<Removal>;
  readonly revoked: UserMap<Revocation>;
  /** The latest epoch; null before the first. */
  readonly epoch: Epoch | null;
  /** Position of the latest `fresh` epoch; 0 before the first. */
  readonly freshSeq: number;
  /** When this client first knew of that epoch, in milliseconds by its own clock; null until `noteKeySeen`. */
  readonly freshSeenAt: number | null;
  /**
   * The authors of the latest epochs that the log did not require, or that another member replaced for want of their keys, the
   * latest first. They act last among the members that make the next epoch. Default: none.
   */
  readonly actLast?: readonly Fingerprint[];
  /** The latest epoch and earlier ones whose secrets may lead to the latest. Late wraps are checked against them. */
  readonly epochs: Readonly<Record<number, Epoch>>;
  /** Epoch secrets in base64url by epoch number. Secret. */
  readonly secrets: Readonly<Record<number, string>>;
  /**
   * The epochs that this client has proposed since the latest one, the last first: an append without an answer may be on the log
   * after all. Secret.
   */
  readonly drafts: readonly Draft[];
  /** Author chains. Without an entry, the author's next readable message begins the chain. */
  readonly authors: UserMap<AuthorChain>;
}

/** Options of `emptyRoom`. */
export interface RoomOptions {
  /** The room name that the user looked up. Default: null, any name. */
  readonly asked?: RoomName | null;
  /**
   * The position before the invitation that the user accepts; without an invitation, the length of the log before the join;
   * 0 for a room that the user creates. Default: 0.
   */
  readonly since?: number;
  /** The keys of the server's CAs, oldest first, in base64url. Default: none, all `revoke` entries are rejected. */
  readonly authorities?: readonly string[];
  /** The server id. Default: none, all `renew-key` entries are rejected. */
  readonly serverId?: string;
  /**
   * Epoch secrets from an earlier reading of the same log. A secret is used when its epoch has been read and its commitment
   * matches. Default: none.
   */
  readonly secrets?: Readonly<Record<number, string>>;
}

/** Returns the state of a room before its first entry. */
export function emptyRoom(
  roomId: RoomId,
  me: Fingerprint,
  { asked = null, since = 0, authorities = [], serverId, secrets = {} }: RoomOptions = {},
): RoomState {
  return {
    v: 2,
    room: roomId,
    me,
    since,
    authorities,
    authorityFrom: 0,
    ...(serverId === undefined ? {} : { serverId }),
    asked,
    name: null,
    policy: null,
    head: { seq: 0, hash: emptyLogHash(roomId) },
    recentHashes: LogHashes.none,
    members: UserMap.empty,
    invited: UserMap.empty,
    membershipSeq: 0,
    removalSeq: 0,
    left: UserMap.empty,
    removed: UserMap.empty,
    revoked: UserMap.empty,
    epoch: null,
    freshSeq: 0,
    freshSeenAt: null,
    epochs: {},
    secrets,
    drafts: [],
    authors: UserMap.empty,
  };
}

/**
 * Returns the room with these keys of the server's CAs, of which the client has learned, and the server id. It changes nothing that was
 * read before.
 */
export const withAuthorities = (state: RoomState, authorities: readonly string[], serverId: string): RoomState => ({
  ...state,
  authorities,
  serverId,
});

/** An epoch as it was stored; before version 4 of the protocol without the version and the wraps. */
type StoredEpoch = Omit<Epoch, 'v' | 'wraps'> & Partial<Epoch>;

/** A state as JSON has it: a `UserMap` is a record. */
type StoredRoomState = {
  readonly [Field in keyof Omit<
    RoomState,
    'epoch' | 'epochs' | 'drafts' | 'authorities' | 'authorityFrom'
  >]: RoomState[Field] extends UserMap<infer T> ? Readonly<Record<Fingerprint, T>> : RoomState[Field];
} & {
  readonly epoch: StoredEpoch | null;
  readonly epochs: Readonly<Record<number, StoredEpoch>>;
  readonly drafts?: readonly Draft[];
  /** The one draft that was kept before version 4 of the protocol. */
  readonly draft?: Draft | null;
  /** The only CA, in states from before a CA could be renewed. */
  readonly authority?: string | null;
} & Partial<Pick<RoomState, 'authorities' | 'authorityFrom'>>;

const restoredEpoch = (epoch: StoredEpoch): Epoch => ({ v: 1, wraps: null, ...epoch });

/**
 * Returns a state that was stored as JSON.
 *
 * @param json what `JSON.parse` returned; a map may stand in place of the record that it was stored as
 * @throws Error when its log hashes or the values by fingerprint are damaged
 */
export function restoredRoom(json: object): RoomState {
  const { draft = null, drafts = draft === null ? [] : [draft], authority = null, ...state } = json as StoredRoomState;
  const epochs = Object.entries(state.epochs).map(([number, epoch]): [string, Epoch] => [number, restoredEpoch(epoch)]);
  return {
    ...state,
    epoch: state.epoch === null ? null : restoredEpoch(state.epoch),
    epochs: Object.fromEntries(epochs),
    drafts,
    authorities: state.authorities ?? (authority === null ? [] : [authority]),
    authorityFrom: state.authorityFrom ?? 0,
    recentHashes: LogHashes.parse(state.recentHashes),
    members: UserMap.of(state.members),
    invited: UserMap.of(state.invited),
    left: UserMap.of(state.left),
    removed: UserMap.of(state.removed),
    revoked: UserMap.of(state.revoked),
    authors: UserMap.of(state.authors),
  };
}

/** Returns the record without one key: the same record when it does not have the key. */
export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, key)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
