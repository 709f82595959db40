/** Records the log of a room that a client was shown, without the code under test: entries and log hashes. */
import { emptyLogHash, entryHash, nextLogHash, type RoomId, type RoomName, type SignedEntry } from '@chat/protocol';
import type { Item } from './log-edit.ts';

export interface Seen {
  /** `null` for a stub. */
  readonly entry: SignedEntry | null;
  /** The number of events that the client had emitted by then. */
  readonly after: number;
}

export class SeenLog {
  /** The first entry has position 1. */
  readonly entries: Seen[] = [];
  /** The log hash after each position. The first one is that of the empty log. */
  readonly hashes: string[];

  constructor(room: RoomId) {
    this.hashes = [emptyLogHash(room)];
  }

  get length(): number {
    return this.entries.length;
  }

  /** Forgets what follows this position, because it is shown again. */
  cut(length: number): void {
    this.entries.length = Math.min(this.entries.length, length);
    this.hashes.length = this.entries.length + 1;
  }

  /** Adds an entry if it is the next one. Others were shown before, or are out of order. */
  add(seq: number, item: Item, after: number): void {
    if (seq !== this.length + 1) return;
    const entry = 'entry' in item ? item.entry : null;
    const [type, hash] = 'entry' in item ? [item.entry.type, entryHash(item.entry)] : (['message', item.hash] as const);
    this.hashes.push(nextLogHash(this.hashes.at(-1) ?? '', { seq, type, hash }));
    this.entries.push({ entry, after });
  }
}

/** The logs of all rooms as one client was shown them, and the rooms that the server named in answer to a room name. */
export class SeenLogs {
  readonly #logs = new Map<RoomId, SeenLog>();
  readonly #found = new Map<RoomName, Set<RoomId>>();
  readonly #before: (room: RoomId) => readonly Item[];
  readonly #emitted: () => number;

  /**
   * @param before returns what the client was shown of a room before the attack
   * @param emitted returns the number of events that the client has emitted
   */
  constructor(before: (room: RoomId) => readonly Item[], emitted: () => number) {
    this.#before = before;
    this.#emitted = emitted;
  }

  of(room: RoomId): SeenLog {
    const known = this.#logs.get(room);
    if (known !== undefined) return known;
    const log = new SeenLog(room);
    for (const item of this.#before(room)) log.add(log.length + 1, item, 0);
    this.#logs.set(room, log);
    return log;
  }

  /** The client subscribes from this position, and is shown again what follows. */
  again(room: RoomId, after: number): void {
    this.of(room).cut(after);
  }

  /** The server answered a look-up of this name with this room. */
  find(name: RoomName, room: RoomId): void {
    this.#found.set(name, (this.#found.get(name) ?? new Set()).add(room));
  }

  /** True if the server ever answered a look-up of this name with this room. */
  hasFound(name: RoomName, room: RoomId): boolean {
    return this.#found.get(name)?.has(room) === true;
  }

  add(room: RoomId, seq: number, item: Item): void {
    this.of(room).add(seq, item, this.#emitted());
  }
}
