/** Storage port for the operator: what each room needs, and whether the store is sound. */
import type { RoomId, RoomName } from '@chat/protocol';
import type { DamagedRow } from './damage.ts';
import type { RetentionBounds } from './retention-store.ts';

/** A room and what it needs in the store. */
export interface RoomUsage {
  readonly room: RoomId;
  /** Null for a room that is closed. */
  readonly name: RoomName | null;
  readonly members: number;
  readonly entries: number;
  /** Bytes of the payloads. */
  readonly bytes: number;
  /** Number of messages that retention has deleted. They count as entries. */
  readonly deleted: number;
  /** The room's own bounds of retention. Null: the server's default. */
  readonly retention: RetentionBounds;
  /** Time of the latest entry, milliseconds. */
  readonly lastAt: number;
}

/** Lists and deletes rooms, and checks the store. A call may read the whole store. */
export interface Maintenance {
  /** Returns all rooms, closed ones too, ordered by room id, from the first one after `after` on. */
  roomUsage(after: RoomId | null, limit: number): Promise<readonly RoomUsage[]>;
  /**
   * Deletes a room with its log and everything that belongs to it, and remembers its id (`RoomStore.wasDeleted`): members whose
   * clients have kept the log do not bring it back. Durable when the promise resolves, and in order with the room's
   * appends. A server that runs MUST be asked to do it, because it has the room in memory.
   *
   * @returns false when there is no such room
   */
  deleteRoom(roomId: RoomId): Promise<boolean>;
  /** Returns what is wrong with the structure of the store, in words of the store; empty when nothing is. */
  integrity(): Promise<readonly string[]>;
  /** Returns the rows that differ from their checksums. Entries are not among them: they have hashes that the server compares. */
  damagedRows(): Promise<readonly DamagedRow[]>;
  /** Returns the bytes of the store's files that hold no data and are used again before the files grow. */
  reusableBytes(): Promise<number>;
}
