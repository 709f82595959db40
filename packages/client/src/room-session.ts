/**
 * One joined room: feeds the log into the room's state, fetches what the state asks for, and keeps the hub's duty and the
 * outbox going. Entries are taken strictly in their order: a key is fetched before what follows it.
 */
import { fromBase64url, type RoomId, type UserName } from '@chat/protocol';
import {
  applyBacklog,
  currentSecret,
  eraseOldSecrets,
  isPresent,
  membersOf,
  noteKeySeen,
  type RoomEvent,
  type RoomState,
  wasRemoved,
} from '@chat/room';
import { Conditions } from './conditions.ts';
import { type ClientContext, explain } from './context.ts';
import { removedFrom } from './errors.ts';
import { HubDuty } from './hub-duty.ts';
import { KeyFetch } from './key-fetch.ts';
import { LogIntake, type LogItem } from './log-intake.ts';
import { Outbox } from './outbox.ts';
import type { ChangedIdentity } from './pins.ts';
import { withMessages } from './recent-messages.ts';
import { roomView } from './room-view.ts';
import type { StoredRoom } from './stored.ts';
import type { RoomView } from './view.ts';

/** After these there are other members than before. */
const changesMembers: ReadonlySet<RoomEvent['kind']> = new Set(['created', 'joined', 'left', 'removed']);

export class RoomSession {
  readonly #context: ClientContext;
  readonly #hub: HubDuty;
  readonly #keys: KeyFetch;
  readonly #intake: LogIntake;
  readonly outbox: Outbox;
  /** What others wait for in this room. */
  readonly conditions: Conditions;
  #removedWhileAway = false;
  #stored: StoredRoom;
  #online: readonly UserName[] = [];
  /** Presence that came before the answer which it adds to; null when none is awaited. */
  #early: (() => void)[] | null = null;
  #connected = false;
  #caughtUp = false;
  #connectionCount = 0;
  #outOfPlace = false;
  #changed: readonly ChangedIdentity[] = [];
  readonly #announced = new Set<string>();
  #work: Promise<void> = Promise.resolve();

  constructor(context: ClientContext, stored: StoredRoom) {
    this.#context = context;
    this.#stored = stored;
    const { publicKey, privateKey } = stored.prekey;
    this.#keys = new KeyFetch(context, {
      publicKey: fromBase64url(publicKey),
      privateKey: fromBase64url(privateKey),
    });
    this.#intake = new LogIntake(context.scheduler, (items) => this.#enqueue(() => this.#readAll(items)));
    this.conditions = new Conditions(context.scheduler);
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
    return { ...roomView(this.stored, this.#online, this.#caughtUp), removed: this.removed };
  }

  /** Reads on from where this member is. Rejects as `request` does. */
  async subscribe(): Promise<void> {
    this.#connected = true;
    this.#early = [];
    const { online } = await this.#context.request('subscribe', { room: this.room, after: this.state.head.seq });
    this.#removedWhileAway = false;
    this.#online = online;
    const early = this.#early ?? [];
    this.#early = null;
    for (const apply of early) apply();
  }

  disconnected(): void {
    this.#connected = false;
    this.#connectionCount += 1;
    this.#intake.reset();
    this.#outOfPlace = false;
    this.#caughtUp = false;
    this.#online = [];
    this.#early = null;
    this.#hub.reset();
    this.outbox.reset();
  }

  /** The client closes; what waits to be sent stays stored. */
  close(error: Error): void {
    this.disconnected();
    this.conditions.close(error);
    this.outbox.abandon(error);
  }

  /** The room is gone; what waited to be sent is given back. */
  end(error: Error): void {
    this.outbox.giveBack(error);
    this.close(error);
  }

  receive(item: LogItem): void {
    this.#intake.add(item);
  }

  caughtUp(head: number): void {
    this.#intake.caughtUp();
    this.#enqueue(() => this.#reachHead(head));
  }

  presence(user: UserName, online: boolean): void {
    if (this.#early !== null) {
      this.#early.push(() => this.presence(user, online));
      return;
    }
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

  /** What was queued on a connection is void once it is lost: the log is sent again from where we are. */
  #enqueue(step: () => Promise<void>): void {
    const connected = this.#connection();
    this.#work = this.#work.then(async () => {
      if (!connected()) return;
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
    this.conditions.check();
  }

  async #readAll(items: readonly LogItem[]): Promise<void> {
    const connected = this.#connection();
    let rest = items;
    // A server that skips an entry is told on once; what follows cannot be placed either.
    while (rest.length > 0 && !this.#outOfPlace && connected()) rest = rest.slice(await this.#read(rest));
  }

  /** Reads on, at most up to a key that must be fetched; resolves with how many items were read. */
  async #read(items: readonly LogItem[]): Promise<number> {
    const hadKey = Object.keys(this.state.secrets).length > 0;
    const applied = applyBacklog(this.state, items, this.#context.crypto);
    this.#outOfPlace = applied.events.some((event) => event.kind === 'violation' && event.code === 'out-of-order');

    const { wanted } = applied;
    const fetched = wanted === null ? applied : await this.#keys.fetch(applied.state, wanted, this.#connection());
    // The connection was lost meanwhile: these entries will come again, and the key with them.
    if (fetched === 'disconnected') return items.length;
    this.#take(fetched.state, fetched === applied ? applied.events : [...applied.events, ...fetched.events]);
    this.#announceKey(hadKey);
    return applied.taken;
  }

  #announceKey(hadKey: boolean): void {
    const current = currentSecret(this.state);
    if (hadKey || current === null) return;
    this.#context.emit({ kind: 'ready', room: this.room, name: this.#stored.name, epoch: current.epoch });
  }

  #take(taken: RoomState, events: readonly RoomEvent[]): void {
    const state = eraseOldSecrets(noteKeySeen(taken, this.#context.scheduler.now()));
    const messages = events.filter((event) => event.kind === 'message');
    this.#stored = { ...this.#stored, state, recent: withMessages(this.#stored.recent, messages) };
    this.#context.saveSoon();
    if (events.some(({ kind }) => changesMembers.has(kind))) this.#meet();
    for (const event of events) this.#emit(event);
    for (const { fingerprint, hash, seq } of messages) {
      if (fingerprint === state.me) this.outbox.delivered(hash, seq);
    }
    if (this.removed) this.outbox.giveBack(removedFrom(this.#stored.name));
  }

  /** What happened before this user joined is not told, but for breaches. */
  #emit(event: RoomEvent): void {
    const { user, emit } = this.#context;
    if (event.kind !== 'violation' && event.seq <= this.state.since) return;
    const by = 'by' in event ? event.by : event.user;
    const mine = event.kind !== 'violation' && by === user;
    emit({ kind: 'room', room: this.room, name: this.#stored.name, event, mine, live: this.#caughtUp });
  }

  /** Whether the connection that lasts now still does, later. */
  #connection(): () => boolean {
    const connection = this.#connectionCount;
    return () => connection === this.#connectionCount;
  }

  async #reachHead(head: number): Promise<void> {
    if (head < this.state.head.seq) this.#emit({ kind: 'violation', code: 'truncated', seq: head, user: null });
    const hadKey = Object.keys(this.state.secrets).length > 0;
    const fetched = await this.#keys.fetchMissing(this.state, this.#connection());
    if (fetched === 'disconnected') return;
    if (fetched.state !== this.state || fetched.events.length > 0) this.#take(fetched.state, fetched.events);
    this.#announceKey(hadKey);
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

  get isCaughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Whether the log was begun and is not that of the room that was asked for. */
  get refused(): boolean {
    return this.state.head.seq > 0 && this.state.name === null;
  }

  /** Whether this user is still, or already, in the room as far as the log was read. */
  get joined(): boolean {
    return isPresent(this.state);
  }

  /** Whether somebody took this user out: as the log shows, or as the server says of the time since. */
  get removed(): boolean {
    return this.#removedWhileAway || wasRemoved(this.state);
  }

  /** The server says that somebody took this user out while they were away. What they had is kept. */
  shutOut(): void {
    this.#removedWhileAway = true;
    this.outbox.giveBack(removedFrom(this.#stored.name));
  }
}
