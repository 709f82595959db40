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
  /** Milliseconds. */
  readonly begunAt: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
  timer: NodeJS.Timeout;
}

/** Options of `Pauses`. */
export interface PausesOptions {
  /** Returns milliseconds. */
  readonly clock: () => number;
  /** Called when a pause has ended because no member went on. */
  readonly abandoned: (roomId: RoomId) => void;
}

/** The rooms whose new entries wait. */
export class Pauses {
  readonly #options: PausesOptions;
  readonly #pauses = new Map<RoomId, Pause>();
  /** How long the former pauses of each room have lasted, in milliseconds. */
  readonly #lasted = new Map<RoomId, number>();

  constructor(options: PausesOptions) {
    this.#options = options;
  }

  /** Returns a promise that resolves at the end of the room's pause; null when there is none. */
  of(roomId: RoomId): Promise<void> | null {
    return this.#pauses.get(roomId)?.ended ?? null;
  }

  /** To be called before entries are appended. Begins a pause, or adds the member to it. */
  begin(roomId: RoomId, by: UserName): void {
    if (this.#lastedUntilNow(roomId) >= longestMs) return;
    const pause = this.#pauses.get(roomId) ?? this.#begin(roomId);
    pause.by.add(by);
  }

  /** To be called when entries were appended. */
  prolong(roomId: RoomId): void {
    const pause = this.#pauses.get(roomId);
    if (pause === undefined || this.#lastedUntilNow(roomId) >= longestMs) return;
    clearTimeout(pause.timer);
    pause.timer = this.#timer(roomId, pause.end);
  }

  /** To be called when a member has given everything back, or cannot. Returns whether no other member goes on. */
  end(roomId: RoomId, by: UserName): boolean {
    const pause = this.#pauses.get(roomId);
    pause?.by.delete(by);
    if (pause !== undefined && pause.by.size > 0) return false;
    pause?.end();
    return true;
  }

  /** To be called when there is no such room, so that ids of no room take no memory. */
  forget(roomId: RoomId): void {
    this.#lasted.delete(roomId);
  }

  #begin(roomId: RoomId): Pause {
    let resolve = () => {};
    const ended = new Promise<void>((resolved) => {
      resolve = resolved;
    });
    const begunAt = this.#options.clock();
    const end = () => {
      clearTimeout(pause.timer);
      this.#lasted.set(roomId, this.#lastedUntilNow(roomId));
      this.#pauses.delete(roomId);
      resolve();
    };
    const pause: Pause = { by: new Set(), begunAt, ended, end, timer: this.#timer(roomId, () => end()) };
    this.#pauses.set(roomId, pause);
    return pause;
  }

  #lastedUntilNow(roomId: RoomId): number {
    const now = this.#options.clock();
    return (this.#lasted.get(roomId) ?? 0) + Math.max(0, now - (this.#pauses.get(roomId)?.begunAt ?? now));
  }

  #timer(roomId: RoomId, end: () => void): NodeJS.Timeout {
    const abandon = () => {
      end();
      this.#options.abandoned(roomId);
    };
    return setTimeout(abandon, idleMs).unref();
  }
}
