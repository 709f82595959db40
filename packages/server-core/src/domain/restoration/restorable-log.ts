/** What restoring needs of a room's log. */
import type { LoggedEntry, RoomId, UserName } from '@chat/protocol';
import type { Appended, Room, StoredEntry } from '../../ports/room-store.ts';
import type { CheckedEntry } from '../damage/log-check.ts';
import type { WantedEntries } from '../damage/wanted-entries.ts';
import type { AdmittedEntry } from '../entry-rules/append-rules.ts';
import type { LogView } from '../entry-rules/log-view.ts';

/** Entries that members have given back. */
export interface Restored {
  /** Positions of the first and the last of them. */
  readonly first: number;
  readonly last: number;
  /** Time of the first of them, as the members gave it, in milliseconds. */
  readonly since: number;
  /** The members whose clients gave them back. */
  readonly by: readonly UserName[];
}

/** The log of one room, as `RoomLog` implements it. */
export interface RestorableLog {
  readonly id: RoomId;
  /** State after the latest durable entry; null for an unknown room. */
  readonly state: Room | null;
  settled(): Promise<void>;
  hashAt(seq: number): string | null;
  readPage(after: number, last: number): Promise<readonly CheckedEntry[]>;
  /** Appends an entry. Resolves with null, and appends nothing, when `admission` returns null. */
  appendRestored(
    given: Pick<LoggedEntry, 'at' | 'entry'>,
    admission: (ahead: Room | null, view: LogView) => AdmittedEntry | null,
  ): Promise<Appended | null>;
  /** The positions whose rows are damaged. */
  readonly wanted: Pick<WantedEntries, 'has'>;
  /** Writes an entry again whose row is damaged. Resolves when it is durable. */
  repair(entry: StoredEntry): Promise<void>;
}
