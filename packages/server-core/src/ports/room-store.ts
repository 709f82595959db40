/**
 * The durable store of room logs, and what the server derives from their control entries.
 * The server decides; the store only keeps: it MUST refuse what contradicts what it holds, and nothing else.
 */
import type { Fingerprint, LoggedEntry, Role, RoomId, RoomName, UserName, Wrap } from '@chat/protocol';

export interface Member {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Position of their latest `create` or `join` entry. */
  readonly joinedAt: number;
  readonly role: Role;
  /** Position of the entry by which they have this role. */
  readonly roleSeq: number;
}

/** Somebody who was taken out and not readmitted since. */
export interface Removal {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  /** Position of the `remove` entry. */
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
  readonly createdAt: number;
  /** Position of the latest entry. */
  readonly head: number;
  readonly members: readonly Member[];
  /** In the order of their removal. */
  readonly removed: readonly Removal[];
  /** Position of the latest `create`, `join`, `leave` or `remove`. */
  readonly membershipSeq: number;
  /** Position of the latest `leave` or `remove`; 0 when there was none. */
  readonly removalSeq: number;
  readonly epoch: EpochMark | null;
}

export interface RoomRow {
  readonly room: RoomId;
  readonly name: RoomName;
  readonly members: number;
  readonly createdAt: number;
}

export interface RoleGiven {
  readonly user: UserName;
  readonly role: Role;
}

/** What an entry does to the room's state; a message does nothing. */
export type RoomChange =
  | { readonly kind: 'create'; readonly name: RoomName; readonly fingerprint: Fingerprint }
  | { readonly kind: 'join'; readonly fingerprint: Fingerprint }
  /** `successor`: who is the owner from here on, where the one who leaves was. */
  | {
      readonly kind: 'leave';
      readonly fingerprint: Fingerprint;
      readonly closes: boolean;
      readonly successor: UserName | null;
    }
  /** The roles that members have from here on. */
  | { readonly kind: 'role'; readonly roles: readonly RoleGiven[] }
  | { readonly kind: 'remove'; readonly user: UserName; readonly fingerprint: Fingerprint }
  | { readonly kind: 'readmit'; readonly fingerprint: Fingerprint }
  | { readonly kind: 'epoch'; readonly epoch: EpochMark; readonly wraps: readonly Wrap[] };

export interface StoredEntry extends LoggedEntry {
  readonly hash: string;
}

export interface Appending extends StoredEntry {
  readonly room: RoomId;
  readonly author: UserName;
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
   * Appends one entry with its change and wraps, all or nothing. MUST resolve only when a crash of the machine can no
   * longer lose it. Appends of one room resolve in order. Throws `StoreConflict`: `sequence` unless `seq` is the
   * room's head plus one (1 for a `create`), `room-name-taken`, `duplicate` when (author, cid) is known.
   */
  append(entry: Appending): Promise<void>;
  /** Where this author's request went, when it was carried out before. */
  findAppended(author: UserName, cid: string): Promise<Appended | null>;
  load(room: RoomId): Promise<Room | null>;
  findByName(name: RoomName): Promise<RoomId | null>;
  /** Open rooms by name, in order, from the first name after `after`. */
  list(after: RoomName | null, limit: number): Promise<readonly RoomRow[]>;
  /** The open rooms of which this user is a member. */
  roomsOf(user: UserName): Promise<readonly RoomId[]>;
  /** At most `limit` entries after a position, in order, and about `maxBytes` of payload at most (one at least). */
  read(room: RoomId, after: number, limit: number, maxBytes: number): Promise<readonly StoredEntry[]>;
  findWrap(room: RoomId, epoch: number, to: Fingerprint): Promise<string | null>;
}
