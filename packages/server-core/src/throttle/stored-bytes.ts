/**
 * The bytes of messages that the store has, of each room and in all, against the operator's bounds. The store is asked once for
 * each room; from then on the bytes are counted here.
 */
import { ProtocolError, type RoomId } from '@chat/protocol';
import type { ServerLimits } from '../limits.ts';
import type { MessageUsage, RetentionStore } from '../ports/retention-store.ts';

/** The bounds of stored bytes. 0: no bound. */
export type StoredBytesLimits = Pick<ServerLimits, 'messageBytesPerRoom' | 'messageBytes'>;

/** What a stored message needs besides its payload: hashes, signature, indexes. */
export const rowBytes = 700;

/** Rooms whose bytes are remembered. The store is asked again for others. */
const maxRememberedRooms = 10_000;
const roomsPerPage = 1_000;

const bytesOf = ({ messages, bytes }: Pick<MessageUsage, 'messages' | 'bytes'>): number => bytes + messages * rowBytes;

/** Counts the stored messages. While the bound of a kind is 0 it does not count that kind. */
export class StoredBytes {
  readonly #store: Pick<RetentionStore, 'messageUsage' | 'messagesOf'>;
  readonly #limits: StoredBytesLimits;
  readonly #rooms = new Map<RoomId, number>();
  #all: number | null = null;
  #counting: Promise<void> | null = null;

  constructor(store: Pick<RetentionStore, 'messageUsage' | 'messagesOf'>, limits: StoredBytesLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** Looks up what is not known yet. To be awaited before `require`. Rejects when the store fails. */
  async ready(roomId: RoomId): Promise<void> {
    if (this.#limits.messageBytes > 0 && this.#all === null) {
      this.#counting ??= this.#countAll().finally(() => {
        this.#counting = null;
      });
      await this.#counting;
    }
    if (this.#limits.messageBytesPerRoom === 0 || this.#rooms.has(roomId)) return;
    const found = await this.#store.messagesOf(roomId);
    // Another request may have looked the room up meanwhile, and added to it.
    if (this.#rooms.has(roomId)) return;
    const [first] = this.#rooms.size >= maxRememberedRooms ? this.#rooms.keys() : [];
    if (first !== undefined) this.#rooms.delete(first);
    this.#rooms.set(roomId, found === null ? 0 : bytesOf(found));
  }

  /**
   * Requires space for a message.
   *
   * @throws ProtocolError `room-storage-full`, `storage-full`
   */
  require(roomId: RoomId, bytes: number): void {
    const { messageBytesPerRoom, messageBytes } = this.#limits;
    if (messageBytesPerRoom > 0 && (this.#rooms.get(roomId) ?? 0) + bytes > messageBytesPerRoom) {
      throw new ProtocolError(
        'room-storage-full',
        'This room has as many messages as the server stores of one room: ask its operator to delete old ones, or go on in a new room.',
      );
    }
    if (messageBytes > 0 && (this.#all ?? 0) + bytes > messageBytes) {
      throw new ProtocolError(
        'storage-full',
        'The server has as many messages as it stores in all: ask its operator to delete old ones.',
      );
    }
  }

  /** Counts a message. */
  add(roomId: RoomId, bytes: number): void {
    const room = this.#rooms.get(roomId);
    if (room !== undefined) this.#rooms.set(roomId, room + bytes);
    if (this.#all !== null) this.#all += bytes;
  }

  /** Forgets what is known of a room and of all, because messages were deleted or restored, or the outcome of one is unknown. */
  forget(roomId: RoomId): void {
    this.#rooms.delete(roomId);
    this.#all = null;
  }

  async #countAll(): Promise<void> {
    let all = 0;
    for (let after: RoomId | null = null; ; ) {
      const page = await this.#store.messageUsage(after, roomsPerPage);
      for (const room of page) all += bytesOf(room);
      after = page.at(-1)?.room ?? null;
      if (page.length < roomsPerPage) break;
    }
    this.#all = all;
  }
}
