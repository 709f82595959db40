/**
 * The rooms that are in memory: those in use, and those that were used last. To load a room takes as long as dozens of appends, and
 * a program that only sends follows no room.
 */
import type { RoomId } from '@chat/protocol';
import type { RoomLog } from './room-log.ts';

interface UsedRoom {
  readonly log: RoomLog;
  uses: number;
}

/** Rooms that stay in memory after their last use: 60 kB each, and 300 bytes for each member. */
const maxUnused = 300;

/** Holds each room in memory once. */
export class OpenRooms {
  readonly #open: (roomId: RoomId) => RoomLog;
  readonly #used = new Map<RoomId, UsedRoom>();
  /** The one that was used the longest time ago comes first. */
  readonly #unused = new Map<RoomId, RoomLog>();

  /** @param open creates the log of a room that is not in memory */
  constructor(open: (roomId: RoomId) => RoomLog) {
    this.#open = open;
  }

  /** The rooms in use. All pending requests are theirs. */
  get used(): RoomLog[] {
    return [...this.#used.values()].map(({ log }) => log);
  }

  /** Holds a room in memory until `release` is called, which MUST happen once. */
  hold(roomId: RoomId): { log: RoomLog; release: () => void } {
    const used = this.#used.get(roomId) ?? this.#take(roomId);
    used.uses += 1;
    return { log: used.log, release: () => this.#release(roomId, used) };
  }

  #take(roomId: RoomId): UsedRoom {
    const log = this.#unused.get(roomId) ?? this.#open(roomId);
    this.#unused.delete(roomId);
    const used = { log, uses: 0 };
    this.#used.set(roomId, used);
    return used;
  }

  #release(roomId: RoomId, used: UsedRoom): void {
    used.uses -= 1;
    if (used.uses > 0) return;
    this.#used.delete(roomId);
    if (!used.log.mayStay) return;
    this.#unused.set(roomId, used.log);
    const [first] = this.#unused.size > maxUnused ? this.#unused.keys() : [];
    if (first !== undefined) this.#unused.delete(first);
  }
}
