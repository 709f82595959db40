/** What somebody was shown of a room's log, kept apart from the client that is tested: entry by entry, with the log's hash. */
import { emptyLogHash, entryHash, nextLogHash, type RoomId, type SignedEntry } from '@chat/protocol';
import type { Item } from './log-edit.ts';

export interface Seen {
  /** Null for a stub. */
  readonly entry: SignedEntry | null;
  /** How many events its reader had been told of when it was shown. */
  readonly after: number;
}

export class SeenLog {
  /** The first one is position 1. */
  readonly entries: Seen[] = [];
  /** The log's hash after each position; the first is the one before the first entry. */
  readonly hashes: string[];

  constructor(room: RoomId) {
    this.hashes = [emptyLogHash(room)];
  }

  get length(): number {
    return this.entries.length;
  }

  /** What was shown from here on is shown anew. */
  cut(length: number): void {
    this.entries.length = Math.min(this.entries.length, length);
    this.hashes.length = this.entries.length + 1;
  }

  /** Takes the entry when it is the next one; another is no news, or out of its place. */
  add(seq: number, item: Item, after: number): void {
    if (seq !== this.length + 1) return;
    const entry = 'entry' in item ? item.entry : null;
    const [type, hash] = 'entry' in item ? [item.entry.type, entryHash(item.entry)] : (['message', item.hash] as const);
    this.hashes.push(nextLogHash(this.hashes.at(-1) ?? '', { seq, type, hash }));
    this.entries.push({ entry, after });
  }
}

/** The logs of all rooms as one person was shown them. */
export class SeenLogs {
  readonly #logs = new Map<RoomId, SeenLog>();
  readonly #before: (room: RoomId) => readonly Item[];
  readonly #told: () => number;

  /**
   * @param before what they were shown of a room before this began
   * @param told how many events they have been told of by now
   */
  constructor(before: (room: RoomId) => readonly Item[], told: () => number) {
    this.#before = before;
    this.#told = told;
  }

  of(room: RoomId): SeenLog {
    const known = this.#logs.get(room);
    if (known !== undefined) return known;
    const log = new SeenLog(room);
    for (const item of this.#before(room)) log.add(log.length + 1, item, 0);
    this.#logs.set(room, log);
    return log;
  }

  /** They ask for what follows this position, and are shown it anew. */
  again(room: RoomId, after: number): void {
    this.of(room).cut(after);
  }

  add(room: RoomId, seq: number, item: Item): void {
    this.of(room).add(seq, item, this.#told());
  }
}
