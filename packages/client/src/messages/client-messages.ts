/** The messages that the client keeps: pages of a room, search, and which of them are kept. */
import {
  type HitPlace,
  type MessageStore,
  type PageOptions,
  type Retention,
  type SearchOptions,
  wantedWords,
} from '@chat/message-store';
import type { RoomId, RoomName } from '@chat/protocol';
import { ClientError, notJoined } from '../errors.ts';
import type { MessageView } from '../view.ts';
import { messageView, messageViews } from './message-view.ts';
import { type SayingRoom, type SendOptions, sayAbout, type Word } from './saying.ts';

/** A room of the client. */
interface NamedRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
}

/** Options of `ClientMessages.page`. */
export type MessagePageOptions = PageOptions;

/** Options of `ClientMessages.search`. */
export interface MessageSearchOptions extends Omit<SearchOptions, 'rooms'> {
  /** The room to look into. Default: all that the client has */
  readonly roomName?: RoomName | undefined;
}

/** Where on the log something was said. */
export interface Place {
  /** Position on the log. */
  readonly seq: number;
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

/** What the messages of a client need. */
export interface ClientMessagesOptions {
  readonly store: MessageStore;
  /** Returns a room in which the user can speak. @throws ClientError as `ChatClient.send` does */
  active(roomName: RoomName): SayingRoom;
  /** Returns the room in which something was said with this id before; null if there is none. */
  sent(cid: string | undefined): Pick<SayingRoom, 'send'> | null;
  /** Returns the rooms of the client: of two with one name, the one that the client shows under it first. */
  rooms(): Iterable<NamedRoom>;
  /** Returns whether a file was found that cannot be read. */
  areDamaged(): boolean;
  /** Resolves when no file has what was erased. @throws ClientError `not-erased`, `not-stored` */
  erased(): Promise<void>;
}

/**
 * The messages of one client. A name stands for one room: the one that `ChatClient.room` returns. Another room of the same name, which was closed
 * or is not read yet, has its own messages and its own rule.
 */
export class ClientMessages {
  readonly #store: MessageStore;
  readonly #rooms: () => Iterable<NamedRoom>;
  readonly #active: (roomName: RoomName) => SayingRoom;
  readonly #sent: ClientMessagesOptions['sent'];
  readonly #areDamaged: () => boolean;
  readonly #erased: () => Promise<void>;

  constructor({ store, rooms, active, sent, areDamaged, erased }: ClientMessagesOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#active = active;
    this.#sent = sent;
    this.#areDamaged = areDamaged;
    this.#erased = erased;
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
    const room = this.#find(roomName);
    return room === null ? [] : this.#page(room.roomId, options);
  }

  /**
   * Returns a message with the ones before and after it in its room. Nothing if it is not kept any more.
   *
   * @param count how many messages on each side, from 1 to 999. Default: 5
   * @throws MessageStoreError `invalid-argument`
   */
  async around({ roomId, seq }: Pick<MessageHit, 'roomId' | 'seq'>, count = 5): Promise<readonly MessageView[]> {
    const upTo = await this.#page(roomId, { before: seq + 1, limit: count + 1 });
    if (upTo.at(-1)?.seq !== seq) return [];
    return [...upTo, ...(await this.#page(roomId, { after: seq, limit: count }))];
  }

  async #page(roomId: RoomId, options: PageOptions): Promise<readonly MessageView[]> {
    return messageViews(this.#store, roomId, await this.#store.page(roomId, options));
  }

  /**
   * Edits a message of the user: the text takes the place of the one before, here and at all members. Each of these four resolves with the
   * position of what says it, when that is on the server's log. Until then, also over restarts, it waits in the outbox.
   *
   * @param seq position of the message
   * @throws ClientError `unknown-message`, `not-yours`, `conversation-moved`, and those of `ChatClient.send`
   * @throws RoomError `message-too-long`, `nothing-to-say`
   */
  edit(roomName: RoomName, seq: number, text: string, options?: SendOptions): Promise<Place> {
    return this.#say(roomName, seq, { kind: 'edit', text }, options);
  }

  /** Deletes a message of the user, for all members whose clients follow that. Throws as `edit` does. */
  delete(roomName: RoomName, seq: number, options?: SendOptions): Promise<Place> {
    return this.#say(roomName, seq, { kind: 'delete' }, options);
  }

  /**
   * Reacts to a message with an emoji or a short word, in place of the user's reaction before.
   *
   * @param reaction at most 64 bytes of UTF-8; null withdraws the reaction
   * @throws ClientError `unknown-message`, and those of `ChatClient.send`
   * @throws RoomError `reaction-too-long`
   */
  react(roomName: RoomName, seq: number, reaction: string | null, options?: SendOptions): Promise<Place> {
    return this.#say(roomName, seq, { kind: 'reaction', text: reaction ?? '' }, options);
  }

  /**
   * Hides a message of any user for all members. The owner and the moderators may.
   *
   * @throws ClientError `unknown-message`, and those of `ChatClient.send`
   * @throws RoomError `not-allowed`
   */
  hide(roomName: RoomName, seq: number, options?: SendOptions): Promise<Place> {
    return this.#say(roomName, seq, { kind: 'hide' }, options);
  }

  async #say(roomName: RoomName, seq: number, word: Word, options?: SendOptions): Promise<Place> {
    // What was said before counts, also if its message was deleted meanwhile.
    const sent = this.#sent(options?.cid);
    return sent === null ? sayAbout(this.#active(roomName), seq, word, options) : sent.send('', options);
  }

  /**
   * Returns the latest messages that have all words, without their reactions and what they answer, from all rooms of the client or from one. With an author, the words may be missing.
   *
   * @throws ClientError `not-joined`, `no-words`
   * @throws MessageStoreError `invalid-argument`
   */
  async search({ roomName, ...options }: MessageSearchOptions): Promise<MessageHits> {
    const isAll = options.user !== undefined && options.words.trim() === '';
    if (!isAll && wantedWords(options.words).length === 0) {
      throw new ClientError('no-words', 'There is no word to look for: words have letters or digits.');
    }
    const all = [...this.#rooms()];
    const wanted = roomName === undefined ? all : [this.#require(roomName)];
    const names = new Map(all.map((room) => [room.roomId, room.roomName]));
    const { hits, next } = await this.#store.search({ ...options, rooms: wanted.map(({ roomId }) => roomId) });
    const named = hits.map(({ roomId, ...hit }) => {
      return { ...messageView({ ...hit, reactions: [] }, null), roomId, roomName: names.get(roomId) ?? '' };
    });
    return { hits: named, next };
  }

  /**
   * Returns which messages are kept of a room, or of all rooms that have no rule of their own.
   *
   * @throws ClientError `not-joined`
   */
  retention(roomName?: RoomName): Retention {
    return this.#store.retentionOf(roomName === undefined ? undefined : this.#require(roomName).roomId);
  }

  /** Returns whether a room has a rule of its own. @throws ClientError `not-joined` */
  hasOwnRetention(roomName: RoomName): boolean {
    return this.#store.hasOwnRetention(this.#require(roomName).roomId);
  }

  /**
   * Sets which messages are kept of a room, or of all rooms that have no rule of their own. The others are erased from the files within seconds, while
   * the client runs; `settled` waits for that. After that, a message that has become too old is shown and found no more at once, and one more than
   * the number that is kept is shown on: both are erased from the files once a day, and after each start, by the clock of this machine. With
   * `nothing`, what is said in a direct room before the other user has joined is not said again if that user has opened another one at the same moment.
   *
   * @param keep null lets a room have no rule of its own
   * @throws ClientError `not-joined`
   * @throws MessageStoreError `invalid-argument`
   */
  setRetention(keep: Retention | null, roomName?: RoomName): void {
    this.#store.setRetention(keep, roomName === undefined ? undefined : this.#require(roomName).roomId);
  }

  /**
   * Resolves when no file has messages any more that are not kept.
   *
   * @throws ClientError `not-erased`, `not-stored`
   */
  settled(): Promise<void> {
    return this.#erased();
  }

  #find(roomName: RoomName): NamedRoom | null {
    for (const room of this.#rooms()) if (room.roomName === roomName) return room;
    return null;
  }

  #require(roomName: RoomName): NamedRoom {
    const room = this.#find(roomName);
    if (room === null) throw notJoined(roomName);
    return room;
  }
}
