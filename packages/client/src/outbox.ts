/**
 * What was typed and is not on the server's log yet. One message of a room is under way at a time, because each names
 * the one before; a message leaves the outbox only when the log that we read has reached its place.
 */
import { composeMessage, currentSecret, RoomError, type RoomState, removalPending } from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from './context.ts';
import type { Waiting } from './stored.ts';

/** How long after a refusal that may pass by itself, in ms. */
const retry = 1_000;

/** Refusals that the log, a little patience or a new connection mends. */
const passing: ReadonlySet<string> = new Set([
  'stale-epoch',
  'rekey-pending',
  'rate-limited',
  'internal',
  'no-key',
  'timed-out',
]);
const disconnected: ReadonlySet<string> = new Set(['offline', 'closed', 'unreachable', 'stopping']);

export interface OutboxRoom {
  readonly state: RoomState;
  /** Whether something may be said now: connected, caught up, and no identity in the room in doubt. */
  readonly maySpeak: boolean;
  /** The message will never be accepted. */
  undelivered(text: string, code: string, reason: string): void;
}

interface Promised {
  resolve(place: { readonly seq: number }): void;
  reject(error: Error): void;
}

export class Outbox {
  readonly #context: ClientContext;
  readonly #room: OutboxRoom;
  #waiting: readonly Waiting[];
  readonly #promised = new Map<string, Promised>();
  #underWay = false;
  /** Where the server put the first message, until the log reaches it. */
  #accepted: number | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(context: ClientContext, room: OutboxRoom, waiting: readonly Waiting[]) {
    this.#context = context;
    this.#room = room;
    this.#waiting = waiting;
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** Resolves when the message is on the log. Throws `message-too-long` at once when it can never be. */
  send(text: string): Promise<{ readonly seq: number }> {
    this.#check(text);
    const cid = newClientId(this.#context.crypto);
    this.#waiting = [...this.#waiting, { cid, text }];
    this.#context.saveSoon();
    const placed = new Promise<{ seq: number }>((resolve, reject) => this.#promised.set(cid, { resolve, reject }));
    this.flush();
    return placed;
  }

  /** To be called whenever the room, the connection or the key may have changed. */
  flush(): void {
    this.#settle();
    const [first] = this.#waiting;
    const { state, maySpeak } = this.#room;
    if (first === undefined || this.#underWay || this.#accepted !== null || this.#cancelRetry !== null) return;
    if (!maySpeak || currentSecret(state) === null || removalPending(state)) return;
    void this.#submit(first);
  }

  /** The connection is gone: what was under way is sent again, under the same id, when there is another. */
  reset(): void {
    this.#accepted = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** The room is gone, or the client closes: whoever waits is told. The messages stay stored. */
  abandon(error: Error): void {
    this.reset();
    for (const promised of this.#promised.values()) promised.reject(error);
    this.#promised.clear();
  }

  /** Composes once for nothing, so that a text that can never be sent is refused before it is queued. */
  #check(text: string): void {
    try {
      composeMessage(authorOf(this.#context), this.#room.state, text);
    } catch (error) {
      if (error instanceof RoomError && passing.has(error.code)) return;
      throw error;
    }
  }

  async #submit({ cid, text }: Waiting): Promise<void> {
    this.#underWay = true;
    try {
      const { state } = this.#room;
      const entry = composeMessage(authorOf(this.#context), state, text);
      const { seq } = await this.#context.request('append', { room: state.room, cid, entry });
      this.#accepted = seq;
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#underWay = false;
    }
    this.flush();
  }

  #settle(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#accepted === null || this.#room.state.head.seq < this.#accepted) return;
    const seq = this.#accepted;
    this.#accepted = null;
    this.#drop(first)?.resolve({ seq });
  }

  #refused(error: unknown): void {
    const { code, reason } = explain(error);
    if (disconnected.has(code)) return;
    if (passing.has(code)) {
      this.#cancelRetry = this.#context.scheduler.after(retry, () => {
        this.#cancelRetry = null;
        this.flush();
      });
      return;
    }
    const [first] = this.#waiting;
    if (first === undefined) return;
    const promised = this.#drop(first);
    if (promised !== undefined) promised.reject(error instanceof Error ? error : new Error(reason));
    else this.#room.undelivered(first.text, code, reason);
  }

  #drop({ cid }: Waiting): Promised | undefined {
    this.#waiting = this.#waiting.filter((waiting) => waiting.cid !== cid);
    this.#context.saveSoon();
    const promised = this.#promised.get(cid);
    this.#promised.delete(cid);
    return promised;
  }
}
