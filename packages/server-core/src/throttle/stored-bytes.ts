/**
 * The bytes of messages that the store has, of each room and in all, against the operator's bounds. The store is asked once for
 * each room; from then on the bytes are counted here.
 */
import { ProtocolError, type RoomId } from '@chat/protocol';
import type { ServerLimits } from '../limits/limits.ts';
import type { MessageUsage, RetentionStore } from '../ports/retention-store.ts';

/** The bounds of stored bytes. 0: no bound. */
export type StoredBytesLimits = Pick<ServerLimits, 'messageBytesPerRoom' | 'messageBytes'>;

/**
 * What a stored message needs besides its payload: hashes, signature, indexes. Short and long ones need 370 to 460 bytes in SQLite. Those
 * of 1 and 2 kB leave up to 2,000 bytes of their pages empty, and are rare.
 */
export const rowBytes = 500;

/** Rooms whose bytes are remembered. The store is asked again for others. */
const maxRememberedRooms = 10_000;
const roomsPerPage = 1_000;

const bytesOf = ({ messages, bytes }: Pick<MessageUsage, 'messages' | 'bytes'>): number => bytes + messages * rowBytes;

/**
 * Bytes that the store is asked for once, and again when they are `stale`; what is added is counted here. Until the store has
 * answered again, the former number counts: too high a number refuses a message, and one of 0 would let any of them pass.
 */
class Count {
  #bytes = 0;
  #isStale = true;
  #counting: Promise<void> | null = null;

  get bytes(): number {
    return this.#bytes;
  }

  stale(): void {
    this.#isStale = true;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Asks the store if needed; null if not. A number that becomes stale meanwhile is asked for by the next request. */
  ready(read: () => Promise<number>): Promise<void> | null {
    if (this.#isStale) {
      this.#counting ??= this.#count(read).finally(() => {
        this.#counting = null;
      });
    }
    return this.#counting;
  }

  async #count(read: () => Promise<number>): Promise<void> {
    this.#isStale = false;
    const before = this.#bytes;
    try {
      const stored = await read();
      // What was added meanwhile may be missing in the answer.
      this.#bytes = stored + this.#bytes - before;
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }
}

/** Counts the stored messages. While the bound of a kind is 0 it does not count that kind. */
export class StoredBytes {
  readonly #store: Pick<RetentionStore, 'messageUsage' | 'messagesOf'>;
  readonly #limits: StoredBytesLimits;
  readonly #rooms = new Map<RoomId, Count>();
  readonly #all = new Count();

  constructor(store: Pick<RetentionStore, 'messageUsage' | 'messagesOf'>, limits: StoredBytesLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /**
   * Looks up what is not known yet. To be awaited before `require`. Null when all is known. Rejects when the
   * store fails.
   */
  ready(roomId: RoomId): Promise<unknown> | null {
    const { messageBytesPerRoom, messageBytes } = this.#limits;
    const all = messageBytes > 0 ? this.#all.ready(() => this.#countAll()) : null;
    const ofRoom = messageBytesPerRoom > 0 ? this.#room(roomId).ready(() => this.#countRoom(roomId)) : null;
    return all === null && ofRoom === null ? null : Promise.all([all, ofRoom]);
  }

  /**
   * Requires space for a message.
   *
   * @throws ProtocolError `room-storage-full`, `storage-full`
   */
  require(roomId: RoomId, bytes: number): void {
    const { messageBytesPerRoom, messageBytes } = this.#limits;
    if (messageBytesPerRoom > 0 && (this.#rooms.get(roomId)?.bytes ?? 0) + bytes > messageBytesPerRoom) {
      throw new ProtocolError(
        'room-storage-full',
        'This room has as many messages as the server stores of one room: ask its operator to delete old ones, or go on in a new room.',
      );
    }
    if (messageBytes > 0 && this.#all.bytes + bytes > messageBytes) {
      throw new ProtocolError(
        'storage-full',
        'The server has as many messages as it stores in all: ask its operator to delete old ones.',
      );
    }
  }

  /** Counts a message. */
  add(roomId: RoomId, bytes: number): void {
    this.#rooms.get(roomId)?.add(bytes);
    this.#all.add(bytes);
  }

  /** To be called when messages of a room were deleted or restored, or when the outcome of one is unknown: the store is asked again. */
  forget(roomId: RoomId): void {
    this.#rooms.get(roomId)?.stale();
    this.#all.stale();
  }

  #room(roomId: RoomId): Count {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const [first] = this.#rooms.size >= maxRememberedRooms ? this.#rooms.keys() : [];
    if (first !== undefined) this.#rooms.delete(first);
    const count = new Count();
    this.#rooms.set(roomId, count);
    return count;
  }

  async #countRoom(roomId: RoomId): Promise<number> {
    const found = await this.#store.messagesOf(roomId);
    return found === null ? 0 : bytesOf(found);
  }

  async #countAll(): Promise<number> {
    let all = 0;
    for (let after: RoomId | null = null; ; ) {
      const page = await this.#store.messageUsage(after, roomsPerPage);
      for (const room of page) all += bytesOf(room);
      after = page.at(-1)?.room ?? null;
      if (page.length < roomsPerPage) return all;
    }
  }
}
