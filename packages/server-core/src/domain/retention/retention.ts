/** Deletes messages that are beyond the bounds of their rooms: at the start, every hour, and when the operator changes a bound. */
import { limits, type RoomId } from '@chat/protocol';
import type { Log } from '../../ports/log.ts';
import type { RetentionBounds, RetentionStore } from '../../ports/retention-store.ts';

/** Time between two sweeps. A message is kept for at most this time longer than the bound says. */
const sweepEveryMs = 60 * 60 * 1_000;
const roomsPerPage = 200;
/** Messages of one deletion: other requests wait for it. */
const messagesAtOnce = 500;

const kinds = ['ageMs', 'messages', 'bytes'] as const;
/** No bound of any kind. */
const keepForEver: RetentionBounds = { ageMs: null, messages: null, bytes: null };

/** Options of `Retention`. `clock` returns milliseconds. */
export interface RetentionOptions {
  readonly store: RetentionStore;
  readonly clock: () => number;
  readonly log: Log;
  /** The bounds of rooms that have none of their own. Default: messages are kept for ever. */
  readonly defaults?: RetentionBounds | undefined;
  /** Called after messages of a room were deleted. */
  readonly deleted?: (roomId: RoomId) => void;
}

/** Messages that a sweep has deleted. */
export interface Swept {
  readonly messages: number;
  /** Bytes of their payloads. */
  readonly bytes: number;
}

/** Keeps the rooms of a server within their bounds. */
export class Retention {
  readonly #options: RetentionOptions;
  #defaults: RetentionBounds;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #sweeping: Promise<unknown> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#defaults = options.defaults ?? keepForEver;
  }

  /** Sweeps now and every hour until `stop`. A failure is logged, and the next sweep tries again. */
  start(): void {
    void this.#run();
    this.#timer = setInterval(() => void this.#run(), sweepEveryMs);
    this.#timer.unref();
  }

  /** Replaces the bounds of rooms that have none of their own, and sweeps when they have changed. */
  setDefaults(defaults: RetentionBounds): void {
    const before = this.#defaults;
    this.#defaults = defaults;
    if (kinds.some((kind) => before[kind] !== defaults[kind])) void this.#run();
  }

  /** Resolves when no deletion is in progress. None begins afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#sweeping.catch(() => undefined);
  }

  /**
   * Replaces the bounds of a room and deletes what is beyond them now.
   *
   * @returns null when there is no such room
   */
  async set(roomId: RoomId, bounds: RetentionBounds): Promise<Swept | null> {
    if (!(await this.#options.store.setRetention(roomId, bounds))) return null;
    const swept = await this.#sweepRoom(roomId);
    this.#options.log.info({ room: roomId, ...bounds, deleted: swept.messages }, 'the retention of a room was set');
    return swept;
  }

  /** Deletes what is beyond the bounds in every room. */
  async sweep(): Promise<Swept> {
    const { store } = this.#options;
    let swept: Swept = { messages: 0, bytes: 0 };
    for (let after: RoomId | null = null; ; ) {
      const page = await store.messageUsage(after, roomsPerPage);
      for (const { room, retention } of page) {
        if (this.#stopped) return swept;
        if (hasBound(retention, this.#defaults)) swept = sum(swept, await this.#sweepRoom(room));
      }
      after = page.at(-1)?.room ?? null;
      if (page.length < roomsPerPage) return swept;
    }
  }

  async #sweepRoom(roomId: RoomId): Promise<Swept> {
    const { store, clock, deleted } = this.#options;
    let swept: Swept = { messages: 0, bytes: 0 };
    for (let more = true; more && !this.#stopped; ) {
      const expiry = { defaults: this.#defaults, now: clock(), latest: limits.keptEntries, limit: messagesAtOnce };
      const expired = await store.expire(roomId, expiry);
      if (expired.messages > 0) deleted?.(roomId);
      swept = sum(swept, expired);
      more = expired.more;
    }
    return swept;
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    const sweeping = this.sweep();
    this.#sweeping = sweeping;
    try {
      const swept = await sweeping;
      if (swept.messages > 0) log.info(swept, 'deleted messages that are beyond the retention of their rooms');
    } catch (error) {
      if (!this.#stopped) log.warn({ error }, 'old messages could not be deleted; the server tries again in an hour');
    }
  }
}

const sum = (a: Swept, b: Swept): Swept => ({ messages: a.messages + b.messages, bytes: a.bytes + b.bytes });

const hasBound = (own: RetentionBounds, defaults: RetentionBounds): boolean =>
  kinds.some((name) => (own[name] ?? defaults[name] ?? 0) > 0);
