/**
 * Storage port for room logs and for the state that the server derives from their control entries.
 * The server decides what is appended. The store MUST refuse an append that contradicts what it has stored, and no other.
 */
import type {
  EntryType,
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
} from '@chat/protocol';
import type { WrapSheet } from './wrap-sheet.ts';

/** A member of a room, as the server derives it from the log. */
export interface Member extends Identity {
  /** Position of the member's latest `create` or `join` entry. */
  readonly joinedAt: number;
  /** Position from which on the member may read messages. The server sends stubs in place of those before. */
  readonly readsFrom: number;
  readonly role: Role;
  /** Position of the entry that gave the member this role. */
  readonly roleSeq: number;
}

/** A user with an open room invitation: may join, and receives the room's keys already. */
export interface Invited extends Identity {
  /** Position of the `invite` entry. */
  readonly seq: number;
  /** The inviting member. */
  readonly by: UserName;
  /** When the server appended that entry, in milliseconds. */
  readonly at: number;
}

/** A user who was removed and not readmitted since, or who was revoked, which is final. */
export interface Removal extends Identity {
  /** Position of the `remove` or `revoke` entry. */
  readonly seq: number;
}

/** The parts of an epoch entry against which later entries are checked. */
export interface EpochMark {
  /** Epoch number. */
  readonly number: number;
  /** Version of the epoch entry. Under 1, the secret was not wrapped over links. */
  readonly v: 1 | 2;
  /** Entry hash of the epoch entry. */
  readonly hash: string;
  /** Position of the latest membership change that the epoch takes into account. */
  readonly answers: number;
  /** Position of the latest `fresh` epoch: this one, or one before it. */
  readonly freshSeq: number;
  /** When the server appended that one, in milliseconds. */
  readonly freshAt: number;
}

/** State of a room after its latest entry. */
export interface Room {
  readonly room: RoomId;
  /** Null once the last member has left: the room is closed and its name free again. */
  readonly name: RoomName | null;
  readonly policy: Policy;
  /** Milliseconds. */
  readonly createdAt: number;
  /** Position of the latest entry. */
  readonly head: number;
  readonly members: readonly Member[];
  /** In the order of the invitations. */
  readonly invited: readonly Invited[];
  /** In the order of the removals. */
  readonly removed: readonly Removal[];
  /** In the order of the revocations. */
  readonly revoked: readonly Removal[];
  /** Position of the latest entry that changed the set of users who receive the room's keys. */
  readonly membershipSeq: number;
  /** Position of the latest of these entries that took a user out of the set; 0 when there was none. */
  readonly removalSeq: number;
  readonly epoch: EpochMark | null;
}

/** A room invitation in a user's list. */
export interface InvitationRow {
  readonly room: RoomId;
  readonly name: RoomName;
  /** The inviting member. */
  readonly by: UserName;
  readonly policy: Policy;
  /** When the server appended the `invite` entry, in milliseconds. */
  readonly at: number;
}

/** Which rooms of a user are listed. */
export interface RoomPage {
  /** The first room is the one whose name follows this one. Default: null, from the beginning. */
  readonly after?: RoomName | null;
  /** The maximum number of rooms. */
  readonly limit: number;
  /** Invitations from this time or before, in milliseconds, do not count, except to direct rooms. Default: all invitations count. */
  readonly invitedAfter?: number;
}

/** A room as one user finds it by its name. */
export interface FoundRoom extends RoomSummary {
  /** Position of the latest entry. */
  readonly head: number;
  /** Position of the user's invitation, however old it is; null when there is none. */
  readonly invitedAt: number | null;
  /** When the server appended it, in milliseconds; null when there is none. */
  readonly invitedSince: number | null;
  /** True for a user who was removed and not readmitted since, or who was revoked. */
  readonly isRemoved: boolean;
}

/** A member's new role. */
export interface RoleGiven {
  readonly user: UserName;
  readonly role: Role;
}

/** Effect on a room when a member leaves, or is revoked. */
export interface Departure {
  /** True when it was the last member. */
  readonly closes: boolean;
  /** The new owner, when the departing member was the owner. */
  readonly successor: UserName | null;
}

/** Effect of an entry on the room's state. A message has none. */
export type RoomChange =
  | (Identity & { readonly kind: 'create'; readonly name: RoomName; readonly policy: Policy })
  | (Identity & { readonly kind: 'invite'; readonly by: UserName })
  /** Also uses up an invitation of that user. */
  | (Identity & { readonly kind: 'join'; readonly readsFrom: number })
  | (Identity & Departure & { readonly kind: 'leave' })
  /** Roles that change. */
  | { readonly kind: 'role'; readonly roles: readonly RoleGiven[] }
  | (Identity & { readonly kind: 'remove' })
  /** Ends an invitation: by a member, or by the invited user. */
  | (Identity & { readonly kind: 'withdraw' | 'decline' })
  | { readonly kind: 'readmit'; readonly fingerprint: Fingerprint }
  /** Gives a member or an invited user another key: `fingerprint` is the new one. */
  | (Identity & { readonly kind: 'renew-key' })
  /** `departure` is null when the revoked user was neither a member nor invited. */
  | (Identity & { readonly kind: 'revoke'; readonly departure: Departure | null })
  | {
      readonly kind: 'epoch';
      readonly epoch: EpochMark;
      readonly sheets: readonly WrapSheet[];
    };

/** An entry as a reader of the log gets it. */
export interface StoredEntry extends LoggedEntry {
  /** Entry hash. */
  readonly hash: string;
  /** Log hash up to and including this entry. */
  readonly logHash: string;
}

/** What remains of a message that retention has deleted. It suffices for the log hash. */
export interface DeletedMessage {
  readonly seq: number;
  /** Entry hash. */
  readonly hash: string;
  /** Log hash up to and including this entry. */
  readonly logHash: string;
  /** When the server deleted it, in milliseconds. */
  readonly deletedAt: number;
}

/** The place of an entry in the chain of log hashes. */
export interface LogPlace extends Pick<StoredEntry, 'seq' | 'hash' | 'logHash'> {
  readonly type: EntryType;
}

/** An entry to append, with its effect. */
export interface Appending extends StoredEntry {
  readonly room: RoomId;
  /** The user who requested it; null for a `revoke`, which the server makes. */
  readonly author: UserName | null;
  /** The client's id of the request, unique for its author. */
  readonly cid: string;
  readonly change: RoomChange | null;
}

/** Place of an entry in a log. */
export interface Appended {
  readonly room: RoomId;
  readonly seq: number;
  /** Milliseconds. */
  readonly at: number;
}

/** Reasons for which a store refuses an append. */
export type StoreConflictCode =
  /** The position is not the room's head plus one, or not 1 for a `create`. */
  | 'sequence'
  /** Another open room has this name. */
  | 'room-name-taken'
  /** A request of this author with this id was appended before. */
  | 'duplicate';

/** Thrown by `RoomStore.append` before anything is stored. After any other error the outcome of an append is unknown. */
export class StoreConflict extends Error {
  /** The name of the class. */
  override readonly name = 'StoreConflict';
  /** The reason. */
  readonly code: StoreConflictCode;

  constructor(code: StoreConflictCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What decides which knocks wait. Times are in milliseconds. */
export interface KnockBounds {
  readonly now: number;
  /** A knock ends at this age. */
  readonly ageMs: number;
  /** A dismissal ends at this age. */
  readonly dismissalMs: number;
  readonly perRoom: number;
  readonly perUser: number;
}

/** Stores the log of each room and the state that the server derives from it. */
export interface RoomStore {
  /**
   * Appends one entry with its change and wraps, all or nothing. Deletes the knock of a user who is invited, joins, is
   * removed or is revoked. MUST resolve only when a crash of the machine can no longer lose the entry. Appends of one room
   * resolve in order.
   *
   * @throws StoreConflict `sequence`, `room-name-taken`, `duplicate`
   */
  append(entry: Appending): Promise<void>;
  /** Returns the place of the entry that this author's request has appended before. */
  findAppended(author: UserName, cid: string): Promise<Appended | null>;
  load(roomId: RoomId): Promise<Room | null>;
  /** Returns whether the operator has deleted the room. */
  wasDeleted(roomId: RoomId): Promise<boolean>;
  /** Returns the log hash at each position after `after`, in order: at most `limit`, or all. */
  logHashes(roomId: RoomId, after: number, limit?: number): Promise<readonly string[]>;
  /** Returns the places of entries after a position, in order, as they are stored: at most `limit`. */
  places(roomId: RoomId, after: number, limit: number): Promise<readonly LogPlace[]>;
  /** Returns the open room of this name, and what it is for this user. Reads as much for a large room as for a small one. */
  findRoom(name: RoomName, user: UserName): Promise<FoundRoom | null>;
  /**
   * Returns a page of the rooms that this user may see, ordered by name: rooms that are open to all users, and rooms that the user
   * has joined or is invited to.
   */
  list(user: UserName, page: RoomPage): Promise<readonly RoomSummary[]>;
  /** Returns the rooms, except closed ones, of which this user is a member. */
  roomsOf(user: UserName): Promise<readonly RoomId[]>;
  /** Returns a page of the user's invitations, ordered by room name. */
  invitationsOf(user: UserName, page: RoomPage): Promise<readonly InvitationRow[]>;
  /**
   * Returns entries after a position, in order, as they are stored: at most `limit`, at least one, and about `maxBytes` of
   * payload at most. The caller compares them with their hashes.
   */
  read(
    roomId: RoomId,
    after: number,
    limit: number,
    maxBytes: number,
  ): Promise<readonly (StoredEntry | DeletedMessage)[]>;
  /**
   * Writes an entry again whose row is damaged or missing, at a position up to the room's head. Nothing else of the room changes, and
   * the author's request stays known if its row is there. Durable when the promise resolves.
   */
  repair(roomId: RoomId, entry: StoredEntry): Promise<void>;
  /**
   * Stores a user's knock at a room and replaces the one before. Deletes the oldest beyond `perRoom` and `perUser`, and those that
   * have ended. Durable when the promise resolves, and in order with the room's appends.
   *
   * @returns false, and nothing is stored, while a dismissal of this user's knock at the room lasts
   */
  putKnock(roomId: RoomId, user: UserName, knock: SignedKnock, bounds: KnockBounds): Promise<boolean>;
  /** Returns the knocks that wait at a room, the oldest first. */
  knocksAt(roomId: RoomId, bounds: KnockBounds): Promise<readonly SignedKnock[]>;
  /**
   * Dismisses a user's knock at a room. Durable when the promise resolves.
   *
   * @returns false when none waits
   */
  dismissKnock(roomId: RoomId, user: UserName, bounds: KnockBounds): Promise<boolean>;
  /** Returns the rooms at which this user's knocks wait or were dismissed lately: at most `perUser`, the latest first. */
  knocksOf(user: UserName, bounds: KnockBounds): Promise<readonly RoomId[]>;
}
