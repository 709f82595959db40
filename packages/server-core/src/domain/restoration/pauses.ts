/**
 * Pauses of rooms to which a member gives entries back: new entries wait until the last one is there. An author who had read less
 * would otherwise write in the middle, on a log that is then another one than that of the members who had read more.
 */
import type { RoomId, UserName } from '@chat/protocol';

/** The pause ends when a member goes on with nothing for so long: the connection is lost, or the member does not want to. */
const idleMs = 5_000;
/** All pauses of one room together. The latest 4,096 entries take a minute and a half at the rate that a user has. */
const longestMs = 180_000;

interface Pause {
  /** The members who have not given everything back yet. */
  readonly by: Set<UserName>;
  readonly ended: Promise<void>;
  readonly end: () => void;
  timer: NodeJS.Timeout;
}

/** The rooms whose new entries wait. */
export class Pauses {
  readonly #clock: () => number;
  readonly #pauses = new Map<RoomId, Pause>();
  /** When each room was paused for the first time, in milliseconds. */
  readonly #since = new Map<RoomId, number>();

  /** @param clock returns milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Returns a promise that resolves at the end of the room's pause; null when there is none. */
  of(roomId: RoomId): Promise<void> | null {
    return this.#pauses.get(roomId)?.ended ?? null;
  }

  /** To be called before entries are appended. Begins a pause, or adds the member to it. */
  begin(roomId: RoomId, by: UserName): void {
    const since = this.#since.get(roomId) ?? this.#clock();
    this.#since.set(roomId, since);
    if (this.#clock() - since >= longestMs) return;
    const pause = this.#pauses.get(roomId) ?? this.#begin(roomId);
    pause.by.add(by);
  }

  /** To be called when entries were appended. */
  prolong(roomId: RoomId): void {
    const pause = this.#pauses.get(roomId);
    if (pause === undefined || this.#clock() - (this.#since.get(roomId) ?? 0) >= longestMs) return;
    clearTimeout(pause.timer);
    pause.timer = this.#timer(pause.end);
  }

  /** To be called when a member has given everything back, or cannot. Returns whether no other member goes on. */
  end(roomId: RoomId, by: UserName): boolean {
    const pause = this.#pauses.get(roomId);
    pause?.by.delete(by);
    if (pause !== undefined && pause.by.size > 0) return false;
    pause?.end();
    return true;
  }

  #begin(roomId: RoomId): Pause {
    let resolve = () => {};
    const ended = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    const end = () => {
      clearTimeout(pause.timer);
      this.#pauses.delete(roomId);
      resolve();
    };
    const pause: Pause = { by: new Set(), ended, end, timer: this.#timer(() => end()) };
    this.#pauses.set(roomId, pause);
    return pause;
  }

  #timer(end: () => void): NodeJS.Timeout {
    return setTimeout(end, idleMs).unref();
  }
}
