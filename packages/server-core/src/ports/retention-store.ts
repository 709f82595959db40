/** Storage port for retention: how long messages are kept, what they need, and their deletion. */
import type { RoomId } from '@chat/protocol';

/** How much of a room's messages is kept. A message that is beyond one of the bounds is deleted. */
export interface RetentionBounds {
  /** Age in milliseconds. Null: none is given, see where the bounds are used. 0: no bound. */
  readonly ageMs: number | null;
  /** Number of messages, the latest ones; null and 0 as above. */
  readonly messages: number | null;
  /** Bytes of the payloads of messages, the latest ones; null and 0 as above. */
  readonly bytes: number | null;
}

/** The messages that the store has of one room, without those that were deleted. */
export interface MessageUsage {
  readonly room: RoomId;
  readonly messages: number;
  /** Bytes of their payloads. */
  readonly bytes: number;
  /** The room's own bounds. Null: the server's default. */
  readonly retention: RetentionBounds;
}

/** Which messages of a room to delete. */
export interface Expiry {
  /** The bounds where the room has none of its own. */
  readonly defaults: RetentionBounds;
  /** Milliseconds. */
  readonly now: number;
  /** Number of the latest entries of the room that are never deleted. */
  readonly latest: number;
  /** The most messages to delete in one call. */
  readonly limit: number;
}

/** Messages that were deleted. */
export interface Expired {
  readonly messages: number;
  /** Bytes of their payloads. */
  readonly bytes: number;
  /** True when more messages are to be deleted: call again. */
  readonly more: boolean;
}

/** Keeps the bounds of each room, and deletes what is beyond them. */
export interface RetentionStore {
  /** Returns what the messages of each room need, ordered by room id, from the first room after `after` on. Reads no message. */
  messageUsage(after: RoomId | null, limit: number): Promise<readonly MessageUsage[]>;
  /** Returns what the messages of one room need; null when there is no such room. */
  messagesOf(roomId: RoomId): Promise<MessageUsage | null>;
  /**
   * Replaces the bounds of a room. Durable when the promise resolves.
   *
   * @returns false when there is no such room
   */
  setRetention(roomId: RoomId, bounds: RetentionBounds): Promise<boolean>;
  /**
   * Deletes the oldest messages of a room: payload, signer and signature, so that the bytes are gone from the store's files. It
   * keeps position, hashes and client id, and every entry of another type. A message whose time lies in the future is as old as
   * the next one. Deletes the blobs of the room, too, that were complete when the latest of these messages was appended, and wraps that
   * no user can fetch: of departed users, for keys under which no message is left. Durable when the promise resolves.
   */
  expire(roomId: RoomId, expiry: Expiry): Promise<Expired>;
}
