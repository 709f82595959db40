/** The messages that the client keeps: pages of a room, search, and which of them are kept. */
import type { HitPlace, MessageStore, Retention } from '@chat/message-store';
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import type { MessageView } from '../view.ts';

/** A room of the client. */
interface NamedRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
}

/** Options of `ClientMessages.page`. */
export interface MessagePageOptions {
  /** Messages before this position. Default: the latest ones. */
  readonly before?: number | undefined;
  /** The messages that follow this position, in place of those before one. */
  readonly after?: number | undefined;
  /** How many messages, from 1 to 1,000. Default: 50 */
  readonly limit?: number | undefined;
}

/** Options of `ClientMessages.search`. */
export interface MessageSearchOptions {
  /** The words that a message must have, divided by spaces; `begin*` stands for all words with this beginning. */
  readonly words: string;
  /** The room to look into. Default: all that the client has */
  readonly roomName?: RoomName | undefined;
  /** The author. Default: any */
  readonly user?: UserName | undefined;
  /** Only messages from before this time, in ms since 1970 by their authors' clocks. */
  readonly before?: number | undefined;
  /** The `next` of the search that this one continues. */
  readonly after?: HitPlace | undefined;
  /** How many hits, from 1 to 1,000. Default: 20 */
  readonly limit?: number | undefined;
}

/** A message that a search has found. */
export interface MessageHit extends MessageView, NamedRoom {}

/** The result of a search. */
export interface MessageHits {
  /** The latest first. */
  readonly hits: readonly MessageHit[];
  /** For the search that continues this one; null if there are no more hits. */
  readonly next: HitPlace | null;
}

/** The messages of one client. */
export class ClientMessages {
  readonly #store: MessageStore;
  readonly #rooms: () => Iterable<NamedRoom>;

  readonly #areDamaged: () => boolean;

  constructor(store: MessageStore, rooms: () => Iterable<NamedRoom>, areDamaged: () => boolean) {
    this.#store = store;
    this.#rooms = rooms;
    this.#areDamaged = areDamaged;
  }

  /** True once a file was found that cannot be read: messages may be missing in pages and hits. The event `trouble` says it once for each. */
  get areDamaged(): boolean {
    return this.#areDamaged();
  }

  /**
   * Returns messages of a room, ordered by position: the latest ones, or those before or after a position. Nothing for a room that the client
   * does not have.
   *
   * @throws MessageStoreError `invalid-argument`
   */
  async page(roomName: RoomName, options: MessagePageOptions = {}): Promise<readonly MessageView[]> {
    const [room] = this.#named(roomName);
    return room === undefined ? [] : this.#store.page(room.roomId, options);
  }

  /**
   * Returns the latest messages that have all words, from all rooms of the client or from one. With an author, the words may be missing.
   *
   * @throws MessageStoreError `invalid-argument`
   */
  async search({ roomName, ...options }: MessageSearchOptions): Promise<MessageHits> {
    const all = [...this.#rooms()];
    const wanted = roomName === undefined ? all : this.#named(roomName);
    const names = new Map(all.map((room) => [room.roomId, room.roomName]));
    const { hits, next } = await this.#store.search({ ...options, rooms: wanted.map(({ roomId }) => roomId) });
    const named = hits.map((hit) => ({ ...hit, roomName: names.get(hit.roomId) ?? '' }));
    return { hits: named, next };
  }

  /** Returns which messages are kept of a room, or of all rooms that have no rule of their own. */
  retention(roomName?: RoomName): Retention {
    const [room] = roomName === undefined ? [] : this.#named(roomName);
    return this.#store.retentionOf(room?.roomId);
  }

  /** Returns whether a room has a rule of its own. */
  hasOwnRetention(roomName: RoomName): boolean {
    return this.#named(roomName).some(({ roomId }) => this.#store.hasOwnRetention(roomId));
  }

  /**
   * Sets which messages are kept of a room, or of all rooms that have no rule of their own. The others are erased from the files within seconds, while
   * the client runs. After that, a message that has become too old is shown and found no more at once, and one more than the number that
   * is kept is shown on: both are erased from the files once a day, and after each start, by the clock of this machine. With `nothing`, what is
   * said in a direct room before the other user has joined is not said again if that user has opened another one at the same moment.
   *
   * @param keep null lets a room have no rule of its own
   * @throws MessageStoreError `invalid-argument`
   */
  setRetention(keep: Retention | null, roomName?: RoomName): void {
    if (roomName === undefined) this.#store.setRetention(keep);
    for (const { roomId } of roomName === undefined ? [] : this.#named(roomName))
      this.#store.setRetention(keep, roomId);
  }

  /** The rooms of a name: of two, the one that the client shows under it is the first. */
  #named(roomName: RoomName): readonly NamedRoom[] {
    return [...this.#rooms()].filter((room) => room.roomName === roomName);
  }
}
