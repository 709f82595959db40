/** The messages that a client has read: adds them, pages through them, searches them, erases them. */
import type { KeptMessage, PlacedMessage } from '../message.ts';
import { StaleCopies } from '../stale.ts';
import { isKept } from './alive.ts';
import { countBack } from './count-back.ts';
import { findMessage, findMessages, findPage, type Searched } from './find.ts';
import { mergeRooms } from './merge-rooms.ts';
import { SegmentReads } from './segment-reads.ts';
import { SegmentSet } from './segment-set.ts';
import {
  type MessageStoreOptions,
  type PageOptions,
  requireLimit,
  type SearchOptions,
  type SearchResult,
  withoutReadAt,
} from './store-options.ts';
import type { Retention, StoredMessages } from './stored-messages.ts';
import { Streams } from './streams.ts';
import { Tail } from './tail.ts';
import { Tender } from './tender.ts';
import { eraseFromSegments, mergeNext, type Tended } from './tending.ts';

/** Messages that may wait in memory before `ready` makes the reader of logs wait for the disk. */
const maxTail = 8192;

/** The messages of one client. */
export class MessageStore {
  readonly #options: MessageStoreOptions;
  readonly #segments: SegmentSet;
  readonly #streams: Streams;
  readonly #tail: Tail;
  readonly #stale: StaleCopies;
  readonly #tender: Tender;
  readonly #searched: Searched;
  readonly #tended: Tended;
  #flushing: Promise<void> | null = null;
  #closed = false;
  /** False once the store is to close: then it only erases. */
  #isMerging = true;
  /** True after a failed flush: the disk takes nothing, so nothing waits for it. */
  #failing = false;

  constructor(options: MessageStoreOptions) {
    const { stored } = options;
    this.#options = options;
    this.#streams = new Streams(stored);
    this.#tail = new Tail(stored.tail);
    this.#stale = new StaleCopies(stored.stale ?? []);
    const segments = new SegmentSet(options, stored.segments);
    const reads = new SegmentReads(segments, (trouble) => options.damaged(trouble));
    const isClosed = () => this.#closed;
    this.#segments = segments;
    this.#searched = { reads, segments: () => segments.readers(), tail: () => this.#tail.messages };
    this.#tended = {
      ...{ segments, reads, isClosed },
      kept: () => this.#kept(),
      turn: () => options.turn(),
      changed: () => options.changed(),
    };
    this.#tender = new Tender({
      ...{ isClosed },
      now: () => options.now(),
      erase: () => this.#erase(),
      merge: async () => this.#isMerging && mergeNext({ ...this.#tended, isClosed: () => !this.#isMerging }),
    });
  }

  /** What is to be stored: it and the files have all messages. */
  get stored(): StoredMessages {
    const stale = this.#stale.stored;
    const rest = { segments: this.#segments.names, tail: [...this.#tail.messages] };
    return { ...this.#streams.stored, ...rest, ...(stale.length === 0 ? {} : { stale }) };
  }

  /** The number of changes of the segments that `stored` has, for `wasStored`. */
  get changes(): number {
    return this.#segments.changes;
  }

  /**
   * Adds messages of a room, ordered by position. They are in `stored` at once. A message that is added again stands once in pages and hits,
   * with the changes of all its copies. A text that is replaced is found no more at once, and erased from the files by a `tend`: at most every ten minutes.
   *
   * @param name another name than that of the room for messages of which it may have some: until `merge`. Default: the room's
   */
  add(roomId: string, messages: readonly KeptMessage[], name = roomId): void {
    if (messages.length === 0 || this.retentionOf(roomId) === 'nothing') return;
    this.#place(name, messages);
  }

  #place(roomId: string, messages: readonly KeptMessage[]): void {
    const stream = this.#streams.numberFor(roomId);
    const readAt = this.#options.now();
    const changed: PlacedMessage[] = [];
    for (const message of messages) {
      const placed = { ...message, stream, readAt: message.readAt ?? readAt };
      const { edited, deleted, reactions } = message;
      if (edited ?? deleted ?? reactions) changed.push(placed);
      else this.#tail.add(placed);
    }
    if (changed.length === 0) return;
    this.#tail.change(changed);
    if (changed.filter((message) => this.#stale.add(message)).length > 0) this.#tender.eraseSoon();
  }

  /** Erases the messages of a room. What is added afterwards stays. They are in no file once `tend` has ended and the state is stored. */
  erase(roomId: string): void {
    const stream = this.#streams.end(roomId);
    if (stream === null) return;
    this.#tail.keep((message) => message.stream !== stream);
    this.#tender.eraseAgain();
    this.#options.changed();
  }

  /** Erases the messages and the retention of a room that the client has no more. */
  forget(roomId: string): void {
    this.erase(roomId);
    this.#streams.forget(roomId);
  }

  /** Returns whether there may be messages of a room. */
  has(roomId: string): boolean {
    return this.#streams.numberOf(roomId) !== null;
  }

  /** Adds to a room what it lacks of the messages that were added under another name, and erases that name. */
  async merge(from: string, into: string): Promise<void> {
    const place = (messages: readonly KeptMessage[]) => this.#place(into, messages);
    await mergeRooms({ page: (name, options) => this.page(name, options), place }, from, into);
    this.forget(from);
  }

  /** Returns what is kept of a room, or of all rooms that have no rule of their own. */
  retentionOf(roomId?: string): Retention {
    return this.#streams.retentionOf(roomId);
  }

  /** Returns whether a room has a rule of its own. */
  hasOwnRetention(roomId: string): boolean {
    return this.#streams.hasOwnRetention(roomId);
  }

  /**
   * Sets what is kept of a room, or of all rooms that have no rule of their own. What is not kept any more is erased by the next `tend`. What
   * exceeds the rule later is erased within a day of `tend`s; a rule of days hides it at once. Days are counted by the clock of this machine.
   *
   * @param keep null for a room without a rule of its own
   * @throws MessageStoreError `invalid-argument`
   */
  setRetention(keep: Retention | null, roomId?: string): void {
    this.#streams.setRetention(keep, roomId);
    this.#tender.eraseAgain();
    this.#options.changed();
  }

  /** True if there are so many messages outside of segments that they are to be written before the state is stored. */
  get isFlushDue(): boolean {
    return this.#tail.isDue;
  }

  /** Resolves when more messages may be added: at once, unless there are thousands that are being written. */
  async ready(): Promise<void> {
    if (this.#tail.messages.length < maxTail || this.#failing || this.#closed) return;
    await this.flush().catch(() => undefined);
    this.#options.changed();
  }

  /**
   * Writes the messages that are in no segment: as one, unless they are thousands.
   *
   * @throws Error of the system: what was not written stays in `stored`
   */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    try {
      let rest = this.#tail.messages.length;
      while (rest > 0 && this.#tail.messages.length > 0) {
        const messages = this.#tail.first(rest);
        await this.#write(messages);
        rest -= messages.length;
      }
      this.#failing = false;
    } catch (error) {
      this.#failing = true;
      throw error;
    }
  }

  async #write(messages: readonly PlacedMessage[]): Promise<void> {
    const written = await this.#segments.write(messages);
    // What was erased meanwhile is in the new segment, and is to be erased there too.
    if (this.#tail.remove(messages) < messages.length) this.#tender.eraseAgain();
    this.#segments.replace([], written);
  }

  /**
   * To be called when a state has been stored. Removes the files that it does not name.
   *
   * @throws Error of the system, if one of them cannot be removed: the next call tries again
   */
  wasStored(changes: number): Promise<void> {
    return this.#segments.removeReplaced(changes);
  }

  /**
   * Merges segments, and erases what is not kept any more, if that is due. Never rejects: what fails now is done later. Calls of it while
   * it runs wait for the same run, which does what becomes due meanwhile, too.
   *
   * @param again true to try an erasure again that has failed within the last minute. Default: false
   */
  tend(again = false): Promise<void> {
    return this.#tender.run(again);
  }

  async #erase(): Promise<boolean> {
    // What is being written may have copies that have become stale since. What is written from now on has none.
    await this.#flushing?.catch(() => undefined);
    const stale = this.#stale.stored;
    await countBack(this.#streams, (roomId, options) => this.page(roomId, options));
    const kept = this.#kept();
    this.#tail.keep((message) => isKept(kept, message));
    const isDone = await eraseFromSegments(this.#tended);
    if (isDone) this.#stale.drop(stale);
    return isDone;
  }

  /**
   * Returns messages of a room, ordered by position: as many as there are, up to the limit.
   *
   * @throws MessageStoreError `invalid-argument`
   * @throws Error of the system if it lacks memory or open files
   */
  async page(roomId: string, options: PageOptions = {}): Promise<readonly KeptMessage[]> {
    requireLimit(options.limit ?? 1);
    const stream = this.#streams.numberOf(roomId);
    const kept = this.#kept();
    if (stream === null || !kept.has(stream)) return [];
    return (await findPage(this.#searched, stream, options, kept)).map(withoutReadAt);
  }

  /**
   * Returns a message with what `add` needs to keep it as it is; null if it is not kept.
   *
   * @param hash its entry hash. Default: that of the message that was added last at this position
   */
  async find(roomId: string, seq: number, hash?: string): Promise<KeptMessage | null> {
    const stream = this.#streams.numberOf(roomId);
    return stream === null ? null : findMessage(this.#searched, { stream, seq, hash }, this.#kept());
  }

  /**
   * Returns the latest messages that have all words.
   *
   * @returns no hits for words without letters and digits, if no author is given
   * @throws MessageStoreError `invalid-argument`
   * @throws Error of the system if it lacks memory or open files
   */
  async search(options: SearchOptions): Promise<SearchResult> {
    return findMessages(this.#searched, options, this.#kept());
  }

  /** True until what was erased is in none of the segments that `stored` names; after a start too, because an earlier run may have ended before. */
  get isErasureDue(): boolean {
    return this.#tender.isErasureDue;
  }

  /** True if the latest `tend` could not erase all of that, and nothing more was erased since: a file cannot be read, written anew or replaced. */
  get hasErasureFailed(): boolean {
    return this.#tender.hasFailed;
  }

  /** To be called before the last state is stored: merges nothing more, and erases what is due, unless `patience` resolves before. */
  async finish(patience: Promise<void>): Promise<void> {
    this.#isMerging = false;
    if (this.isErasureDue || this.#stale.stored.length > 0) {
      this.#tender.eraseAgain();
      await Promise.race([patience, this.tend(true)]);
    }
  }

  /** Stops what runs, and waits for its end. */
  async close(): Promise<void> {
    this.#isMerging = false;
    this.#closed = true;
    await this.#tender.ended();
    await this.#flushing?.catch(() => undefined);
    await this.#options.files.close();
  }

  #kept() {
    return this.#streams.kept(this.#options.now(), this.#stale);
  }
}
