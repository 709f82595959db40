/** The messages that a client has read: adds them, pages through them, searches them, erases them. */
import { MessageStoreError } from '../errors.ts';
import type { KeptMessage } from '../message.ts';
import { isKept, keptParts } from './alive.ts';
import { findMessages, findPage, type Searched } from './find.ts';
import { tailLimits } from './levels.ts';
import { mergeRooms } from './merge-rooms.ts';
import { SegmentReads } from './segment-reads.ts';
import { SegmentSet } from './segment-set.ts';
import {
  type MessageStoreOptions,
  type PageOptions,
  requireLimit,
  type SearchOptions,
  type SearchResult,
} from './store-options.ts';
import { type Retention, retentionSchema, type StoredMessages } from './stored-messages.ts';
import {
  firstOfLatest,
  type StoredStreams,
  withoutMessages,
  withoutRoom,
  withRetention,
  withStream,
} from './streams.ts';
import { eraseFromSegments, mergeSegments, type Tended } from './tending.ts';

/** How often what the retention does not keep is erased. */
const sweepEveryMs = 24 * 60 * 60 * 1000;
/** Messages that may wait in memory before `ready` makes the reader of logs wait for the disk. */
const maxTail = 8192;

/** The messages of one client. */
export class MessageStore {
  readonly #options: MessageStoreOptions;
  readonly #segments: SegmentSet;
  #state: StoredStreams;
  #flushing: Promise<void> | null = null;
  #tending: Promise<void> | null = null;
  /** When messages were last erased for their age; null before the first time. */
  #sweptAt: number | null = null;
  #isErasing = false;
  #closed = false;
  /** False once the store is to close: then it only erases. */
  #isMerging = true;
  /** True after a failed flush: the disk takes nothing, so nothing waits for it. */
  #failing = false;
  readonly #searched: Searched;
  readonly #tended: Tended;

  constructor(options: MessageStoreOptions) {
    const { segments: names, ...state } = options.stored;
    this.#options = options;
    this.#state = state;
    const segments = new SegmentSet(options, names);
    const reads = new SegmentReads(segments, options.damaged);
    this.#segments = segments;
    this.#searched = { reads, segments: () => segments.readers(), tail: () => this.#state.tail };
    this.#tended = {
      ...{ segments, reads },
      kept: () => this.#kept(),
      turn: () => options.turn(),
      isClosed: () => this.#closed,
      changed: () => options.changed(),
    };
  }

  /** What is to be stored: it and the files have all messages. */
  get stored(): StoredMessages {
    return { ...this.#state, segments: this.#segments.names };
  }

  /** The number of changes of the segments that `stored` has, for `wasStored`. */
  get changes(): number {
    return this.#segments.changes;
  }

  /**
   * Adds messages of a room, ordered by position. They are in `stored` at once.
   *
   * @param name another name than that of the room for messages of which it may have some: until `merge`. Default: the room's
   */
  add(roomId: string, messages: readonly KeptMessage[], name = roomId): void {
    if (messages.length === 0 || this.retentionOf(roomId) === 'nothing') return;
    this.#place(name, messages);
  }

  #place(roomId: string, messages: readonly KeptMessage[]): void {
    const [state, { stream }] = withStream(this.#state, roomId);
    const readAt = this.#options.now();
    const added = messages.map(({ seq, user, fingerprint, text, at }) => ({
      ...{ stream, seq, user, fingerprint, text, at, readAt },
    }));
    this.#state = { ...state, tail: [...state.tail, ...added] };
  }

  /** Erases the messages of a room. What is added afterwards stays. They are in no file once `tend` has ended and the state is stored. */
  erase(roomId: string): void {
    if (!this.has(roomId)) return;
    this.#state = withoutMessages(this.#state, roomId);
    this.#sweptAt = null;
    this.#options.changed();
  }

  /** Erases the messages and the retention of a room that the client has no more. */
  forget(roomId: string): void {
    this.erase(roomId);
    this.#state = withoutRoom(this.#state, roomId);
  }

  /** Returns whether there may be messages of a room. */
  has(roomId: string): boolean {
    return this.#state.rooms[roomId] !== undefined;
  }

  /** Adds to a room what it lacks of the messages that were added under another name, and erases that name. */
  async merge(from: string, into: string): Promise<void> {
    const place = (messages: readonly KeptMessage[]) => this.#place(into, messages);
    await mergeRooms({ page: (name, options) => this.page(name, options), place }, from, into);
    this.forget(from);
  }

  /** Returns what is kept of a room, or of all rooms that have no rule of their own. */
  retentionOf(roomId?: string): Retention {
    const own = roomId === undefined ? undefined : this.#state.rooms[roomId]?.keep;
    return own ?? this.#state.keep;
  }

  /** Returns whether a room has a rule of its own. */
  hasOwnRetention(roomId: string): boolean {
    return this.#state.rooms[roomId]?.keep !== undefined;
  }

  /**
   * Sets what is kept of a room, or of all rooms that have no rule of their own. What is not kept any more is erased at once.
   *
   * @param keep null for a room without a rule of its own
   * @throws MessageStoreError `invalid-argument`
   */
  setRetention(keep: Retention | null, roomId?: string): void {
    if ((keep === null && roomId === undefined) || (keep !== null && !retentionSchema.safeParse(keep).success)) {
      throw new MessageStoreError('invalid-argument', 'the retention is none of those that there are');
    }
    if (roomId === undefined) this.#state = { ...this.#state, keep: keep ?? 'all' };
    else this.#state = withRetention(this.#state, keep, roomId);
    this.#sweptAt = null;
    this.#options.changed();
  }

  /** True if there are so many messages outside of segments that they are to be written before the state is stored. */
  get isFlushDue(): boolean {
    const { tail } = this.#state;
    if (tail.length >= tailLimits.count) return true;
    let size = 0;
    for (const { text } of tail) size += text.length;
    return size >= tailLimits.bytes;
  }

  /** Resolves when more messages may be added: at once, unless there are thousands that are being written. */
  async ready(): Promise<void> {
    if (this.#state.tail.length < maxTail || this.#failing || this.#closed) return;
    await this.flush().catch(() => undefined);
    this.#options.changed();
  }

  /** Writes the messages that are in no segment as one. @throws Error of the system: they stay in `stored` */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const { tail } = this.#state;
    try {
      const written = await this.#segments.write(tail);
      const flushed = new Set(tail);
      const rest = this.#state.tail.filter((message) => !flushed.has(message));
      // What was erased meanwhile is in the new segment, and is to be erased there too.
      if (this.#state.tail.length - rest.length < tail.length) this.#sweptAt = null;
      this.#state = { ...this.#state, tail: rest };
      if (written !== null) this.#segments.replace([], written);
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      throw error;
    }
  }

  /** To be called when a state has been stored. Removes the files that it does not name. @throws Error of the system */
  async wasStored(changes: number): Promise<void> {
    await this.#segments.removeReplaced(changes);
  }

  /**
   * Merges segments, and erases what is not kept any more, if that is due. Never rejects: what fails now is done later. Calls of it while
   * it runs wait for the same run.
   */
  tend(): Promise<void> {
    this.#tending ??= this.#tend()
      .catch(() => undefined)
      .finally(() => {
        this.#tending = null;
      });
    return this.#tending;
  }

  async #tend(): Promise<void> {
    const now = this.#options.now();
    if (this.#sweptAt === null || Math.abs(now - this.#sweptAt) >= sweepEveryMs) {
      this.#sweptAt = now;
      await this.#erase();
    }
    await mergeSegments({ ...this.#tended, isClosed: () => !this.#isMerging });
  }

  async #erase(): Promise<void> {
    this.#isErasing = true;
    try {
      await this.#countBack();
      const kept = this.#kept();
      this.#state = { ...this.#state, tail: this.#state.tail.filter((message) => isKept(kept, message)) };
      await eraseFromSegments(this.#tended);
    } catch (error) {
      // The next call tries again.
      this.#sweptAt = null;
      throw error;
    } finally {
      this.#isErasing = false;
    }
  }

  /** Moves the first kept position of the rooms of which a number of messages is kept. */
  async #countBack(): Promise<void> {
    for (const [roomId, before] of Object.entries(this.#state.rooms)) {
      const keep = this.retentionOf(roomId);
      if (typeof keep !== 'object' || !('messages' in keep)) continue;
      const from = await firstOfLatest((options) => this.page(roomId, options), keep.messages);
      if (from === null || this.#state.rooms[roomId] !== before) continue;
      this.#state = { ...this.#state, rooms: { ...this.#state.rooms, [roomId]: { ...before, from } } };
    }
  }

  /**
   * Returns messages of a room, ordered by position: at least one, if one is kept in that direction.
   *
   * @throws MessageStoreError `invalid-argument`
   */
  async page(roomId: string, options: PageOptions = {}): Promise<readonly KeptMessage[]> {
    requireLimit(options.limit ?? 1);
    const stream = this.#state.rooms[roomId]?.stream;
    return stream === undefined ? [] : findPage(this.#searched, stream, options, () => this.#kept());
  }

  /**
   * Returns the latest messages that have all words.
   *
   * @returns no hits for words without letters and digits, if no author is given
   * @throws MessageStoreError `invalid-argument`
   */
  async search(options: SearchOptions): Promise<SearchResult> {
    return findMessages(this.#searched, options, this.#kept());
  }

  /**
   * True until what was erased is in none of the segments that `stored` names. After a start it is, because an earlier run may have ended
   * before.
   */
  get isErasureDue(): boolean {
    return this.#sweptAt === null || this.#isErasing;
  }

  /** To be called before the last state is stored: merges nothing more, and erases what is due, unless `patience` resolves before. */
  async finish(patience: Promise<void>): Promise<void> {
    this.#isMerging = false;
    let isOver = false;
    const over = patience.then(() => {
      isOver = true;
    });
    // What was erased while a run went on is in the next one.
    for (let run = 1; run <= 2 && this.isErasureDue && !isOver; run += 1) await Promise.race([over, this.tend()]);
  }

  /** Stops what runs, and waits for its end. */
  async close(): Promise<void> {
    this.#isMerging = false;
    this.#closed = true;
    await this.#tending;
    await this.#flushing?.catch(() => undefined);
    await this.#options.files.close();
  }

  #kept() {
    return keptParts(this.stored, this.#options.now());
  }
}
