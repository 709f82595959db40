/** The rooms of a store: under which number each one's messages are stored, and which of them are kept. */
import { MessageStoreError } from '../errors.ts';
import type { StaleCopies } from '../stale.ts';
import { type Kept, keptParts } from './alive.ts';
import { type Retention, retentionSchema, type StoredMessages, type StoredStream } from './stored-messages.ts';

/** The streams of one store. */
export class Streams {
  #keep: Retention;
  /** The number of the next stream. */
  #next: number;
  readonly #rooms: Map<string, StoredStream>;

  constructor({ keep, next, rooms }: StoredMessages) {
    this.#keep = keep;
    this.#next = next;
    this.#rooms = new Map(Object.entries(rooms));
  }

  /** What is to be stored of them. */
  get stored(): Pick<StoredMessages, 'keep' | 'next' | 'rooms'> {
    return { keep: this.#keep, next: this.#next, rooms: Object.fromEntries(this.#rooms) };
  }

  /** The ids of the rooms. */
  get roomIds(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  /** Returns the number of a room's stream; null if it has none. */
  numberOf(roomId: string): number | null {
    return this.#rooms.get(roomId)?.stream ?? null;
  }

  /** Returns what is kept at a time. */
  kept(now: number, stale: StaleCopies): Kept {
    return keptParts({ rooms: this.#rooms, keep: this.#keep, stale }, now);
  }

  /** Returns the number of a room's stream. A room that has none gets one. */
  numberFor(roomId: string): number {
    return this.#streamOf(roomId).stream;
  }

  /** Ends the stream of a room. What is added afterwards is in another one. Returns the number of the ended one; null if there was none. */
  end(roomId: string): number | null {
    const ended = this.#rooms.get(roomId);
    if (ended === undefined) return null;
    this.#rooms.delete(roomId);
    if (ended.keep !== undefined) this.#rooms.set(roomId, { stream: this.#newNumber(), keep: ended.keep });
    return ended.stream;
  }

  /** Forgets a room and its rule. */
  forget(roomId: string): void {
    this.#rooms.delete(roomId);
  }

  /** Returns the rule of a room, or that of all rooms without one of their own. */
  retentionOf(roomId?: string): Retention {
    const own = roomId === undefined ? undefined : this.#rooms.get(roomId)?.keep;
    return own ?? this.#keep;
  }

  /** Returns whether a room has a rule of its own. */
  hasOwnRetention(roomId: string): boolean {
    return this.#rooms.get(roomId)?.keep !== undefined;
  }

  /** Sets a rule. @throws MessageStoreError `invalid-argument` */
  setRetention(keep: Retention | null, roomId?: string): void {
    if ((keep === null && roomId === undefined) || (keep !== null && !retentionSchema.safeParse(keep).success)) {
      throw new MessageStoreError('invalid-argument', 'the retention is none of those that there are');
    }
    if (roomId === undefined) {
      this.#keep = keep ?? 'all';
      return;
    }
    const { keep: _, ...stream } = this.#streamOf(roomId);
    this.#rooms.set(roomId, keep === null ? stream : { ...stream, keep });
  }

  /** Sets the first position of a room that is kept. */
  keepFrom(roomId: string, from: number): void {
    const found = this.#rooms.get(roomId);
    if (found !== undefined) this.#rooms.set(roomId, { ...found, from });
  }

  #streamOf(roomId: string): StoredStream {
    const found = this.#rooms.get(roomId);
    if (found !== undefined) return found;
    const begun: StoredStream = { stream: this.#newNumber() };
    this.#rooms.set(roomId, begun);
    return begun;
  }

  #newNumber(): number {
    const number = this.#next;
    this.#next += 1;
    return number;
  }
}
