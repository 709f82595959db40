/**
 * Reads one room's log. Entries are applied strictly in order, and a missing key is fetched before the entries after it. Work
 * that was queued on a connection is dropped when the connection is lost, because the server sends the log again from the head.
 */
import {
  type AppliedBacklog,
  type Interruptible,
  judgeExpired,
  type LogItem,
  type RoomEvent,
  type RoomState,
  readBacklog,
} from '@chat/room';
import type { ClientContext } from '../context.ts';
import { explain, isDisconnection } from '../errors.ts';
import { requirePlaceFor } from '../intake-bounds.ts';
import type { AskedKey } from '../keys/key-answer.ts';
import { KeyFetch } from '../keys/key-fetch.ts';
import type { AskingRoom } from '../keys/key-request.ts';
import type { ReceivedWrap } from '../keys/wrap-intake.ts';
import { nextTurn, Turns } from '../scheduler.ts';
import { CatchUpWatch } from './catch-up-watch.ts';
import { keepEntries } from './kept-entries.ts';
import { LogIntake } from './log-intake.ts';
import type { LogRecovery, Recovery } from './log-recovery.ts';
import type { Referred } from './said/said-messages.ts';

/** The room whose log is read. */
export interface ReadRoom extends AskingRoom {
  readonly state: RoomState;
  /** Returns the messages to which events refer; null at once if they refer to none. */
  lookUp(events: readonly RoomEvent[]): Promise<Referred> | null;
  /** Takes the state after some entries, and their events. */
  take(state: RoomState, events: readonly RoomEvent[], referred?: Referred): void;
  /** What to do about a log that is shorter than what was read, or another one. */
  readonly recovery: Pick<LogRecovery, 'recover' | 'differs' | 'resume' | 'resumeLater'>;
  /** Called after every step that may have changed what the room does next. */
  review(): void;
}

/** Reads the log of one room. */
export class LogReader {
  readonly #context: ClientContext;
  readonly #room: ReadRoom;
  /** Fetches the room's keys. */
  readonly keys: KeyFetch;
  readonly #intake: LogIntake;
  readonly #watch: CatchUpWatch;
  #connectionCount = 0;
  #outOfPlace = false;
  /** Position of the latest message that the server says it has deleted; 0 for none. */
  #expiredSeq = 0;
  #caughtUp = false;
  /** Why the log is not read on this connection; null while it is. */
  #blocked: Exclude<Recovery, 'recovered'> | null = null;
  /** True while what arrives belongs to a subscription that this client is ending. */
  #ignoring = false;
  #work: Promise<void> = Promise.resolve();
  /** Steps that have not ended. */
  #queued = 0;
  readonly #turns: Turns;

  constructor(context: ClientContext, room: ReadRoom) {
    this.#context = context;
    this.#room = room;
    this.#turns = new Turns(context.scheduler);
    this.keys = new KeyFetch(context, room);
    this.#watch = new CatchUpWatch(context, room);
    this.#intake = new LogIntake(context.scheduler, (items) => {
      this.enqueue(() => this.#readAll(items));
      // Also when the step was skipped because the connection was lost.
      void this.#work.then(() => context.waiting.remove(items));
    });
  }

  /** True once the log was read up to the server's latest entry on this connection. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** What is not there yet: a key that is being fetched, or the end of the log; null if everything was read, with its keys. */
  get lacks(): 'key' | 'log' | null {
    if (this.keys.underWay) return 'key';
    return this.#caughtUp && this.#queued === 0 ? null : 'log';
  }

  /** True if the server's log ends before what was read, or is another one: it is not read on this connection. */
  get blocked(): boolean {
    return this.#blocked !== null;
  }

  /** True if an entry could not be placed, so that nothing after it is read on this connection. */
  get stopped(): boolean {
    return this.#outOfPlace;
  }

  /** Lets everything that follows wait for the server's answer to the request for the log: whether its log is the one that was read. */
  begin(isOwnLog: Promise<boolean>): void {
    this.#watch.begin();
    const own = isOwnLog.catch(() => true);
    this.enqueue(async () => {
      if (!(await own)) this.#block('other-log');
    });
  }

  /** Ignores what the server sends until `listen`, or until the connection is lost. */
  ignore(): void {
    this.#ignoring = true;
  }

  /** Takes what the server sends again. */
  listen(): void {
    this.#ignoring = false;
  }

  /** Takes an entry, stubs or a gap that the server sent. @throws ClientError `too-much-sent` */
  receive(item: LogItem): void {
    if (this.#ignoring) return;
    this.#watch.received();
    if (this.#blocked === null) {
      requirePlaceFor(this.#queued);
      this.#context.waiting.add(item);
      this.#intake.add(item);
    } else if (this.#blocked !== 'other-log' && item.seq >= this.#room.state.head.seq) this.#room.recovery.resume();
  }

  /** To be called when the server has sent the backlog up to `headSeq`. Calls `reached` once all of it was read. */
  reach(headSeq: number, reached: () => void): void {
    if (this.#ignoring) return;
    this.#watch.end();
    requirePlaceFor(this.#queued);
    this.#intake.caughtUp();
    this.enqueue(async () => {
      if (!(await this.#reachHead(headSeq))) return;
      this.#caughtUp = true;
      reached();
    });
  }

  /** To be called when a member has answered a key request, in time or later. */
  keyGiven(answer: ReceivedWrap): void {
    if (this.keys.given(answer)) return;
    requirePlaceFor(this.#queued);
    this.enqueue(async () => {
      const before = this.#room.state;
      const state = await this.keys.takeLate(before, answer);
      if (state !== before) this.#take(before, state, []);
    });
  }

  /** To be called when a member asks for a key. Calls `answer` when everything before was read, unless this client lacks the key. */
  keyAsked(request: AskedKey, answer: () => Promise<void>): void {
    requirePlaceFor(this.#queued);
    const takeOut = this.keys.askers.asked(request);
    this.enqueue(async () => {
      if (takeOut()) await answer();
    });
  }

  /** To be called when the server denies access to the log. */
  denied(): void {
    this.#watch.pause();
  }

  /** To be called when the connection is lost. Drops the steps and entries that wait. */
  disconnected(): void {
    this.#connectionCount += 1;
    this.#outOfPlace = false;
    this.#expiredSeq = 0;
    this.#caughtUp = false;
    this.#blocked = null;
    this.#ignoring = false;
    this.#context.waiting.remove(this.#intake.reset());
    this.#watch.pause();
    this.keys.disconnected();
  }

  /** Runs `step` when everything that the server has sent so far was read, unless the connection is lost in between. */
  whenRead(step: () => void): void {
    this.#intake.flush();
    this.enqueue(async () => step());
  }

  /** Runs `step` after all steps before it, unless the connection is lost in between. */
  enqueue(step: () => Promise<void>): void {
    const connected = this.connection();
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

  /** Returns a function that tells whether the present connection still lasts. */
  connection(): () => boolean {
    const connection = this.#connectionCount;
    return () => connection === this.#connectionCount;
  }

  async #readAll(items: readonly LogItem[]): Promise<void> {
    const connected = this.connection();
    let rest = items;
    // After a skipped entry nothing can be placed: the first one is reported, and the rest is dropped.
    while (rest.length > 0 && !this.#outOfPlace && !this.blocked && connected()) {
      rest = rest.slice(await this.#read(rest));
      // The disk may be slower than the server.
      await this.#context.messages.ready();
    }
  }

  /** Reads on, at most up to a missing key; resolves with the number of items read. */
  async #read(items: readonly LogItem[]): Promise<number> {
    const connected = this.connection();
    const before = this.#room.state;
    const applied = await this.#inTurns(readBacklog(before, items, this.#context.crypto), connected);
    // The connection was lost: the server sends these entries, and the key, again.
    if (applied === null) return items.length;
    this.#outOfPlace = applied.stopped;

    const { wantedEpoch } = applied;
    const fetched = wantedEpoch === null ? applied : await this.keys.fetch(applied.state, wantedEpoch, connected);
    if (fetched === 'disconnected') return items.length;
    const events = fetched === applied ? applied.events : [...applied.events, ...fetched.events];
    const referred = (await this.#room.lookUp(events)) ?? undefined;
    if (!connected()) return items.length;
    this.#take(before, fetched.state, events, referred);
    keepEntries(this.#context.archive, { before, logHashes: applied.logHashes, items });
    this.#noteExpired(applied.events);
    if (this.#caughtUp) this.#judgeExpired(this.#room.state.head.seq);
    return applied.taken;
  }

  #noteExpired(events: readonly RoomEvent[]): void {
    for (const event of events) {
      if (event.kind === 'gap' && event.cause === 'expired') this.#expiredSeq = event.seq + event.hashes.length - 1;
    }
  }

  /** Reports a message that the server says it has deleted although it is one of the latest, which no server deletes. */
  #judgeExpired(headSeq: number): void {
    const seq = this.#expiredSeq;
    this.#expiredSeq = 0;
    const events = judgeExpired(seq, headSeq);
    if (events.length > 0) this.#room.take(this.#room.state, events);
  }

  /** Returns null if the connection was lost. */
  async #inTurns(reading: Interruptible<AppliedBacklog>, connected: () => boolean): Promise<AppliedBacklog | null> {
    let answer: boolean | undefined;
    for (;;) {
      const { done, value } = reading.next(answer);
      if (done === true) return value;
      answer = value === undefined ? undefined : await value;
      if (this.#turns.isOver()) await nextTurn(this.#context.scheduler);
      if (!connected()) return null;
    }
  }

  async #reachHead(headSeq: number): Promise<boolean> {
    const connected = this.connection();
    const { state } = this.#room;
    if (this.blocked) return false;
    const recovery = headSeq < state.head.seq ? await this.#room.recovery.recover(headSeq) : 'recovered';
    if (!connected()) return false;
    if (recovery !== 'recovered') this.#block(recovery, headSeq);
    else this.#judgeExpired(headSeq);
    return recovery === 'recovered' && this.#fetchMissing(this.#room.state);
  }

  #block(reason: Exclude<Recovery, 'recovered'>, headSeq = 0): void {
    this.#blocked = reason;
    if (reason === 'other-log') this.#room.recovery.differs();
    else if (reason === 'awaiting-author') this.#room.recovery.resumeLater();
    else this.#room.take(this.#room.state, [{ kind: 'violation', code: 'truncated', seq: headSeq, user: null }]);
  }

  /** Returns false if the connection was lost. */
  async #fetchMissing(state: RoomState): Promise<boolean> {
    const fetched = await this.keys.fetchMissing(state, this.connection());
    if (fetched === 'disconnected') return false;
    if (fetched.state !== state || fetched.events.length > 0) this.#take(state, fetched.state, fetched.events);
    return true;
  }

  /** Passes a new state on, with the epochs that this member may have proposed since `before`: `after` does not have them. */
  #take(before: RoomState, after: RoomState, events: readonly RoomEvent[], referred?: Referred): void {
    const { drafts } = this.#room.state;
    this.#context.incoming.took(this.#room.roomId, after.secrets);
    this.#room.take(drafts === before.drafts ? after : { ...after, drafts }, events, referred);
  }
}
