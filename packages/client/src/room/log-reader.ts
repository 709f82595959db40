/**
 * Reading one room's log: what comes is applied strictly in its order, and a key is fetched before what follows it. What
 * was queued on a connection is void once that is lost: the log is sent again from where we are.
 */
import { type AppliedBacklog, type RoomEvent, type RoomState, readBacklog } from '@chat/room';
import { type ClientContext, explain, isDisconnection } from '../context.ts';
import { KeyFetch } from '../keys/key-fetch.ts';
import type { AskingRoom } from '../keys/key-request.ts';
import { nextTurn } from '../scheduler.ts';
import { LogIntake, type LogItem } from './log-intake.ts';

/** Entries and signature checks in one go: each takes about a millisecond, and what else waits must not wait for long. */
const stepsPerTurn = 16;

export interface ReadRoom extends AskingRoom {
  readonly state: RoomState;
  /** Takes over what was read. */
  take(state: RoomState, events: readonly RoomEvent[]): void;
  /** To be called after everything that may have changed what is to be done. */
  review(): void;
}

export class LogReader {
  readonly #context: ClientContext;
  readonly #room: ReadRoom;
  readonly #keys: KeyFetch;
  readonly #intake: LogIntake;
  #connectionCount = 0;
  #outOfPlace = false;
  #caughtUp = false;
  #work: Promise<void> = Promise.resolve();
  /** How much of the work has not begun, or not ended. */
  #queued = 0;
  /** Steps in all: a turn is given over whatever they were for, as live entries are read one by one. */
  #steps = 0;

  constructor(context: ClientContext, room: ReadRoom) {
    this.#context = context;
    this.#room = room;
    this.#keys = new KeyFetch(context, room);
    this.#intake = new LogIntake(context.scheduler, (items) => this.enqueue(() => this.#readAll(items)));
  }

  /** Whether the log was read up to the server's latest entry since the last connect. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Whether all that came was read, and every key fetched that can be. */
  get settled(): boolean {
    return this.#caughtUp && this.#queued === 0;
  }

  receive(item: LogItem): void {
    this.#intake.add(item);
  }

  /** All that was on the log when the server was asked has come; then `reached` is called. */
  reach(head: number, reached: () => void): void {
    this.#intake.caughtUp();
    this.enqueue(async () => {
      if (!(await this.#reachHead(head))) return;
      this.#caughtUp = true;
      reached();
    });
  }

  /** Somebody who was asked has given the key of this epoch, in time or later. */
  keyGiven(number: number): void {
    if (this.#keys.given(number)) return;
    this.enqueue(async () => {
      await this.#fetchMissing(this.#room.state);
    });
  }

  disconnected(): void {
    this.#connectionCount += 1;
    this.#outOfPlace = false;
    this.#caughtUp = false;
    this.#intake.reset();
    this.#keys.disconnected();
  }

  /** Does `step` after all that came before it, on this connection. */
  enqueue(step: () => Promise<void>): void {
    const connected = this.#connection();
    this.#queued += 1;
    this.#work = this.#work.then(async () => {
      if (connected()) await this.#do(step);
      this.#queued -= 1;
    });
  }

  async #do(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    }
    this.#room.review();
  }

  /** Whether the connection that lasts now still does, later. */
  #connection(): () => boolean {
    const connection = this.#connectionCount;
    return () => connection === this.#connectionCount;
  }

  async #readAll(items: readonly LogItem[]): Promise<void> {
    const connected = this.#connection();
    let rest = items;
    // A server that skips an entry is told on once; what follows cannot be placed either.
    while (rest.length > 0 && !this.#outOfPlace && connected()) rest = rest.slice(await this.#read(rest));
  }

  /** Reads on, at most up to a key that must be fetched; resolves with how many items were read. */
  async #read(items: readonly LogItem[]): Promise<number> {
    const connected = this.#connection();
    const before = this.#room.state;
    const applied = await this.#inTurns(readBacklog(before, items, this.#context.crypto), connected);
    // The connection was lost meanwhile: these entries will come again, and the key with them.
    if (applied === null) return items.length;
    this.#outOfPlace = applied.events.some((event) => event.kind === 'violation' && event.code === 'out-of-order');

    const { wantedEpoch } = applied;
    const fetched = wantedEpoch === null ? applied : await this.#keys.fetch(applied.state, wantedEpoch, connected);
    if (fetched === 'disconnected') return items.length;
    this.#take(before, fetched.state, fetched === applied ? applied.events : [...applied.events, ...fetched.events]);
    return applied.taken;
  }

  /** Null when the connection was lost meanwhile. */
  async #inTurns(
    reading: Generator<undefined, AppliedBacklog, undefined>,
    connected: () => boolean,
  ): Promise<AppliedBacklog | null> {
    for (;;) {
      const { done, value } = reading.next();
      if (done === true) return value;
      this.#steps += 1;
      if (this.#steps % stepsPerTurn !== 0) continue;
      await nextTurn(this.#context.scheduler);
      if (!connected()) return null;
    }
  }

  async #reachHead(head: number): Promise<boolean> {
    const { state } = this.#room;
    if (head < state.head.seq) {
      this.#room.take(state, [{ kind: 'violation', code: 'truncated', seq: head, user: null }]);
    }
    return this.#fetchMissing(state);
  }

  /** False when the connection was lost meanwhile. */
  async #fetchMissing(state: RoomState): Promise<boolean> {
    const fetched = await this.#keys.fetchMissing(state, this.#connection());
    if (fetched === 'disconnected') return false;
    if (fetched.state !== state || fetched.events.length > 0) this.#take(state, fetched.state, fetched.events);
    return true;
  }

  /** A key that this member has proposed since `before` is not in `after`, and must not be lost. */
  #take(before: RoomState, after: RoomState, events: readonly RoomEvent[]): void {
    const { draft } = this.#room.state;
    this.#room.take(draft === before.draft ? after : { ...after, draft }, events);
  }
}
