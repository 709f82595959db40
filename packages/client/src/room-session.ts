/**
 * One joined room: feeds the log into the room's state, entry by entry, fetches what the state asks for, and keeps the
 * hub's duty and the outbox going. Entries are taken strictly one after another: a key is fetched before what follows it.
 */
import { fromBase64url, type LoggedEntry, type LoggedStub, type RoomId, type UserName } from '@chat/protocol';
import {
  type Applied,
  acceptWrap,
  applyEntry,
  currentSecret,
  isPresent,
  membersOf,
  type Prekey,
  type RoomEvent,
  type RoomState,
} from '@chat/room';
import { type ClientContext, explain } from './context.ts';
import { HubDuty } from './hub-duty.ts';
import { Outbox } from './outbox.ts';
import type { ChangedIdentity } from './pins.ts';
import { roomView } from './room-view.ts';
import type { StoredRoom } from './stored.ts';
import type { RoomView } from './view.ts';

/** How many messages are kept to be shown on the next start. */
const recentCount = 100;

export class RoomSession {
  readonly #context: ClientContext;
  readonly #prekey: Prekey;
  readonly #hub: HubDuty;
  readonly outbox: Outbox;
  #stored: StoredRoom;
  #online: readonly UserName[] = [];
  #connected = false;
  #caughtUp = false;
  #connectionCount = 0;
  #outOfPlace = false;
  #changed: readonly ChangedIdentity[] = [];
  readonly #announced = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  constructor(context: ClientContext, stored: StoredRoom) {
    this.#context = context;
    this.#stored = stored;
    const { publicKey, privateKey } = stored.prekey;
    this.#prekey = { publicKey: fromBase64url(publicKey), privateKey: fromBase64url(privateKey) };
    this.outbox = new Outbox(context, this, stored.outbox);
    this.#hub = new HubDuty(context, this);
    this.#changed = context.pins.meet(membersOf(stored.state));
  }

  get room(): RoomId {
    return this.#stored.state.room;
  }

  get state(): RoomState {
    return this.#stored.state;
  }

  get online(): readonly UserName[] {
    return this.#online;
  }

  get maySpeak(): boolean {
    return this.#connected && this.#caughtUp && this.#changed.length === 0;
  }

  get mayAct(): boolean {
    return this.maySpeak;
  }

  /** Members whose identity key is not the one they are known by. */
  get changedIdentities(): readonly ChangedIdentity[] {
    return this.#changed;
  }

  get stored(): StoredRoom {
    return { ...this.#stored, outbox: this.outbox.waiting };
  }

  view(): RoomView {
    return roomView(this.stored, this.#online, this.#caughtUp);
  }

  /** Reads on from where this member is. Rejects as `request` does. */
  async subscribe(): Promise<void> {
    this.#connected = true;
    const { online } = await this.#context.request('subscribe', { room: this.room, after: this.state.head.seq });
    this.#online = online;
  }

  disconnected(): void {
    this.#connected = false;
    this.#connectionCount += 1;
    this.#outOfPlace = false;
    this.#caughtUp = false;
    this.#online = [];
    this.#hub.reset();
    this.outbox.reset();
  }

  close(error: Error): void {
    this.disconnected();
    this.outbox.abandon(error);
  }

  receive(item: LoggedEntry | LoggedStub): void {
    this.#enqueue(() => this.#apply(item));
  }

  caughtUp(head: number): void {
    this.#enqueue(() => this.#reachHead(head));
  }

  presence(user: UserName, online: boolean): void {
    const others = this.#online.filter((name) => name !== user);
    this.#online = online ? [...others, user] : others;
    this.#context.emit({ kind: 'presence', room: this.room, name: this.#stored.name, user, online });
    this.#review();
  }

  propose(state: RoomState): void {
    this.#stored = { ...this.#stored, state };
  }

  undelivered(text: string, code: string, reason: string): void {
    this.#context.emit({ kind: 'undelivered', room: this.room, name: this.#stored.name, text, code, reason });
  }

  /** The pins have changed: looks again whether anybody here is in doubt. */
  reviewIdentities(): void {
    this.#meet();
    this.#review();
  }

  /** Resolves when `condition` holds, after whatever entry makes it so; rejects `after` ms with `failure`. */
  until(condition: () => boolean, after: number, failure: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = () => {
        if (!condition()) return;
        cancel();
        this.#watchers.delete(watcher);
        resolve();
      };
      const cancel = this.#context.scheduler.after(after, () => {
        this.#watchers.delete(watcher);
        reject(failure());
      });
      this.#watchers.add(watcher);
      watcher();
    });
  }

  /** What was queued on a connection is void once it is lost: the log is sent again from where we are. */
  #enqueue(step: () => Promise<void>): void {
    const connection = this.#connectionCount;
    this.#work = this.#work.then(async () => {
      if (connection !== this.#connectionCount) return;
      try {
        await step();
      } catch (error) {
        this.#context.emit({ kind: 'trouble', ...explain(error) });
      }
      this.#review();
    });
  }

  #review(): void {
    this.#hub.review();
    this.outbox.flush();
    for (const watcher of [...this.#watchers]) watcher();
  }

  async #apply(item: LoggedEntry | LoggedStub): Promise<void> {
    if (item.seq <= this.state.head.seq || this.#outOfPlace) return;
    const hadKey = Object.keys(this.state.secrets).length > 0;
    const applied = applyEntry(this.state, item, this.#context.crypto);
    // A server that skips an entry is told on once; what follows cannot be placed either.
    this.#outOfPlace = applied.state === this.state;

    const wanted = applied.events.find((event) => event.kind === 'epoch' && event.key === 'wanted');
    const wrap = wanted === undefined ? null : await this.#fetchWrap(applied.state);
    // The connection was lost meanwhile: this entry will come again, and the key with it.
    if (wrap === 'disconnected') return;
    this.#take(wrap?.state ?? applied.state, [...applied.events, ...(wrap?.events ?? [])]);
    this.#announceKey(hadKey);
  }

  #announceKey(hadKey: boolean): void {
    const current = currentSecret(this.state);
    if (hadKey || current === null) return;
    this.#context.emit({ kind: 'ready', room: this.room, name: this.#stored.name, epoch: current.epoch });
  }

  #take(state: RoomState, events: readonly RoomEvent[]): void {
    const messages = events.filter((event) => event.kind === 'message');
    const recent = messages.map(({ seq, user, fingerprint, text, at }) => ({ seq, user, fingerprint, text, at }));
    this.#stored = { ...this.#stored, state, recent: [...this.#stored.recent, ...recent].slice(-recentCount) };
    this.#context.saveSoon();
    for (const event of events) this.#emit(event);
    if (events.some(({ kind }) => kind === 'joined' || kind === 'created')) this.#meet();
  }

  #emit(event: RoomEvent): void {
    const { user, emit } = this.#context;
    const by = 'user' in event ? event.user : event.by;
    const mine = event.kind !== 'violation' && by === user;
    emit({ kind: 'room', room: this.room, name: this.#stored.name, event, mine, live: this.#caughtUp });
  }

  /** Asks for our wrap of the latest epoch and opens it; null when the server has none for us. */
  async #fetchWrap(state: RoomState): Promise<Applied | 'disconnected' | null> {
    const number = state.epoch?.number;
    if (number === undefined) return null;
    const connection = this.#connectionCount;
    try {
      const { envelope } = await this.#context.request('get-wrap', { room: this.room, number });
      return acceptWrap(state, number, envelope, [this.#prekey], this.#context.crypto);
    } catch (error) {
      if (connection !== this.#connectionCount) return 'disconnected';
      this.#context.emit({ kind: 'trouble', ...explain(error) });
      return null;
    }
  }

  async #reachHead(head: number): Promise<void> {
    if (head < this.state.head.seq) this.#emit({ kind: 'violation', code: 'truncated', seq: head, user: null });
    const { epoch, epochs } = this.state;
    // An epoch from before we joined was never meant for us; one since then that we lack is asked for again.
    if (epoch !== null && epochs[epoch.number] !== undefined && currentSecret(this.state) === null) {
      const hadKey = Object.keys(this.state.secrets).length > 0;
      const wrap = await this.#fetchWrap(this.state);
      if (wrap === 'disconnected') return;
      if (wrap !== null) this.#take(wrap.state, wrap.events);
      this.#announceKey(hadKey);
    }
    this.#caughtUp = true;
    this.#announceChanges();
    this.#context.emit({ kind: 'caught-up', room: this.room, name: this.#stored.name });
  }

  #meet(): void {
    this.#changed = this.#context.pins.meet(membersOf(this.state));
    if (this.#caughtUp) this.#announceChanges();
  }

  /** Tells of each changed identity once; of those known from an earlier run, when the room is caught up. */
  #announceChanges(): void {
    for (const changed of this.#changed) {
      if (this.#announced.has(changed.seen)) continue;
      this.#announced.add(changed.seen);
      this.#context.emit({ kind: 'identity-changed', room: this.room, name: this.#stored.name, ...changed });
    }
  }

  /** Whether this user is still, or already, in the room as far as the log was read. */
  get joined(): boolean {
    return isPresent(this.state);
  }
}
