/** The data of a store in memory. It outlives the store, as a file would. */
import { MemoryLedger } from '@chat/mini-ca';
import type { RoomId, RoomName, SignedKnock, UserName } from '@chat/protocol';
import type { StoredBlob } from '../../ports/blob-store.ts';
import type { Account, HeldCertificate, Invitation, StoredRenewal } from '../../ports/directory.ts';
import type { LinkKey } from '../../ports/link-store.ts';
import type { Prekey } from '../../ports/prekey-store.ts';
import type { Recovery } from '../../ports/recovery-store.ts';
import type { RetentionBounds } from '../../ports/retention-store.ts';
import type { Appended, EpochMark, Room, StoredEntry } from '../../ports/room-store.ts';
import type { WrapSheet } from '../../ports/wrap-sheet.ts';

/** A stored knock. Times are in milliseconds. */
export interface KeptKnock {
  readonly knock: SignedKnock;
  readonly at: number;
  readonly dismissedAt: number | null;
}

/** A stored link. */
export interface KeptLink extends LinkKey {
  readonly prekey: Uint8Array;
  /** Null after the recipient has confirmed it. */
  readonly opening: Uint8Array | null;
  /** Milliseconds. */
  readonly at: number;
  readonly isLost: boolean;
}

/** A stored sheet of an epoch. */
export interface KeptSheet {
  /** Epoch number. */
  readonly number: number;
  /** Milliseconds. */
  readonly at: number;
  readonly sheet: WrapSheet;
}

/** A stored blob. */
export interface KeptBlob {
  readonly row: StoredBlob;
  /** The bytes that were received. */
  readonly data: Uint8Array;
}

/** A stored backup, with its chunks by their names in hex. */
export interface KeptRecovery extends Recovery {
  readonly chunks: Map<string, Uint8Array>;
}

/** The data of a store in memory, empty at first. */
export class MemoryDisk {
  readonly rooms = new Map<RoomId, Room>();
  readonly logs = new Map<RoomId, StoredEntry[]>();
  /** By room and position: when retention deleted the message there. */
  readonly deleted = new Map<RoomId, Map<number, number>>();
  readonly retention = new Map<RoomId, RetentionBounds>();
  readonly logHashes = new Map<RoomId, string[]>();
  readonly names = new Map<RoomName, RoomId>();
  readonly deletedRooms = new Set<RoomId>();
  readonly appended = new Map<string, Appended>();
  readonly epochs = new Map<RoomId, EpochMark[]>();
  /** By sender, recipient and id, in the order of arrival. */
  readonly links = new Map<string, KeptLink>();
  readonly sheets = new Map<RoomId, KeptSheet[]>();
  /** By user, in the order of arrival. */
  readonly knocks = new Map<RoomId, Map<UserName, KeptKnock>>();
  readonly accounts = new Map<UserName, Account>();
  /** By user, in the order of their numbers. */
  readonly renewals = new Map<UserName, readonly StoredRenewal[]>();
  /** Fingerprints of keys that have lost their names. */
  readonly retiredKeys = new Set<string>();
  readonly prekeys = new Map<UserName, Prekey>();
  readonly invitations = new Map<string, Invitation>();
  readonly certificates = new Map<string, HeldCertificate>();
  readonly runs = new Map<UserName, { readonly id: string; readonly at: number }>();
  readonly blobs = new Map<string, KeptBlob>();
  /** Number of deleted blobs that are not erased yet. */
  deletedBlobs = 0;
  readonly recoveries = new Map<UserName, KeptRecovery>();
  readonly ledger = new MemoryLedger();
}
