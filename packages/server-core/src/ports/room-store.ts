/**
 * The durable store of room logs, and what the server derives from their control entries.
 * The server decides; the store only keeps: it MUST refuse what contradicts what it holds, and nothing else.
 */
import type {
  Fingerprint,
  Identity,
  LoggedEntry,
  Policy,
  Role,
  RoomId,
  RoomName,
  RoomSummary,
  SignedKnock,
  UserName,
  Wrap,
} from '@chat/protocol';

export interface Member extends Identity {
  /** Position of their latest `create` or `join` entry. */
  readonly joinedAt: number;
  /** Messages from this position on are theirs to read; of those before they get the hash. */
  readonly readsFrom: number;
  readonly role: Role;
  /** Position of the entry by which they have this role. */
  readonly roleSeq: number;
}

/** Somebody who may join, and is given the room's keys already. */
export interface Invited extends Identity {
  /** Position of the `invite` entry. */
  readonly seq: number;
  /** Who invited them. */
  readonly by: UserName;
}

/** Somebody who is out: taken out and not readmitted since, or revoked, which is for good. */
export interface Removal extends Identity {
  /** Position of the `remove` or `revoke` entry. */
  readonly seq: number;
}

export interface EpochMark {
  readonly number: number;
  /** Entry hash of the epoch entry. */
  readonly hash: string;
  /** Position of the membership change that it answers. */
  readonly answers: number;
}

/** What a room is after its latest entry. */
export interface Room {
  readonly room: RoomId;
  /** Null once the last member has left: the room is closed and its name free again. */
  readonly name: RoomName | null;
  readonly policy: Policy;
  readonly createdAt: number;
  /** Position of the latest entry. */
  readonly head: number;
  readonly members: readonly Member[];
  /** In the order of their invitation. */
  readonly invited: readonly Invited[];
  /** In the order of their removal. */
  readonly removed: readonly Removal[];
  /** In the order of their revocation. */
  readonly revoked: readonly Removal[];
  /** Position of the latest entry that changed who is given the room's keys. */
  readonly membershipSeq: number;
  /** Position of the latest of these that took somebody out; 0 when there was none. */
  readonly removalSeq: number;
  readonly epoch: EpochMark | null;
}

export interface InvitationRow {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly by: UserName;
  readonly policy: Policy;
}

export interface RoleGiven {
  readonly user: UserName;
  readonly role: Role;
}

/** What it does to a room that a member goes. */
interface Departure {
  /** They were the last. */
  readonly closes: boolean;
  /** Who is the owner from here on, where the one who goes was. */
  readonly successor: UserName | null;
}

/** What an entry does to the room's state; a message does nothing. */
export type RoomChange =
  | (Identity & { readonly kind: 'create'; readonly name: RoomName; readonly policy: Policy })
  | (Identity & { readonly kind: 'invite'; readonly by: UserName })
  /** An invitation of that user is used up. */
  | (Identity & { readonly kind: 'join'; readonly readsFrom: number })
  | (Identity & Departure & { readonly kind: 'leave' })
  /** The roles that members have from here on. */
  | { readonly kind: 'role'; readonly roles: readonly RoleGiven[] }
  | (Identity & { readonly kind: 'remove' })
  /** An invitation is taken back. */
  | (Identity & { readonly kind: 'withdraw' })
  | { readonly kind: 'readmit'; readonly fingerprint: Fingerprint }
  /** `departure`: null where the revoked person was neither a member nor invited. */
  | (Identity & { readonly kind: 'revoke'; readonly departure: Departure | null })
  | { readonly kind: 'epoch'; readonly epoch: EpochMark; readonly wraps: readonly Wrap[] };

export interface StoredEntry extends LoggedEntry {
  readonly hash: string;
}

export interface Appending extends StoredEntry {
  readonly room: RoomId;
  /** Of the log up to and with this entry. */
  readonly logHash: string;
  /** Whose request it is; null for a `revoke`, which is the server's own. */
  readonly author: UserName | null;
  /** The client's id for this request, unique for its author. */
  readonly cid: string;
  readonly change: RoomChange | null;
}

export interface Appended {
  readonly room: RoomId;
  readonly seq: number;
  readonly at: number;
}

/** Why a store refused; anything else that it throws means that the outcome is unknown. */
export class StoreConflict extends Error {
  override readonly name = 'StoreConflict';
  readonly code: 'sequence' | 'room-name-taken' | 'duplicate';

  constructor(code: 'sequence' | 'room-name-taken' | 'duplicate', message: string) {
    super(message);
    this.code = code;
  }
}

export interface RoomStore {
  /**
   * Appends one entry with its change and wraps, all or nothing; whoever it invites, lets in or takes out no longer
   * knocks. MUST resolve only when a crash of the machine can no longer lose it. Appends of one room resolve in order.
   * Throws `StoreConflict`: `sequence` unless `seq` is the room's head plus one (1 for a `create`), `room-name-taken`,
   * `duplicate` when (author, cid) is known.
   */
  append(entry: Appending): Promise<void>;
  /** Where this author's request went, when it was carried out before. */
  findAppended(author: UserName, cid: string): Promise<Appended | null>;
  load(room: RoomId): Promise<Room | null>;
  /** The log hash at each position after this one, in order. */
  logHashes(room: RoomId, after: number): Promise<readonly string[]>;
  findByName(name: RoomName): Promise<RoomId | null>;
  /**
   * The rooms that this user may know of, by name, from the first name after `after`: those that anybody may join, and
   * those that they are in or invited to.
   */
  list(user: UserName, after: RoomName | null, limit: number): Promise<readonly RoomSummary[]>;
  /** The open rooms of which this user is a member. */
  roomsOf(user: UserName): Promise<readonly RoomId[]>;
  /** The open rooms that this user is invited to, by name, from the first name after `after`. */
  invitationsOf(user: UserName, after: RoomName | null, limit: number): Promise<readonly InvitationRow[]>;
  /** At most `limit` entries after a position, in order, and about `maxBytes` of payload at most (one at least). */
  read(room: RoomId, after: number, limit: number, maxBytes: number): Promise<readonly StoredEntry[]>;
  findWrap(room: RoomId, epoch: number, to: Fingerprint): Promise<string | null>;
  /** Keeps a wrap of an epoch that is there, in place of the one that its recipient had. Durable when it resolves. */
  putWrap(room: RoomId, epoch: number, wrap: Wrap): Promise<void>;
  /**
   * Keeps this user's knock at a room, in place of the one before. False, and nothing is kept, when that would be more
   * than `most` at that room. Durable when it resolves; takes effect in order with the room's appends.
   */
  putKnock(room: RoomId, user: UserName, knock: SignedKnock, most: number): Promise<boolean>;
  /** Who knocks at a room, the longest waiting first. */
  knocksAt(room: RoomId): Promise<readonly SignedKnock[]>;
}
