/**
 * One joined room: what is known of it, and the parts that keep it going. Its log is read, its keys are made and sent for,
 * what waits is said, and what people should learn of it is told.
 */
import type { RoomId, RoomName, SignedKnock, UserName } from '@chat/protocol';
import { currentSecret, eraseOldSecrets, isPresent, noteKeySeen, type RoomEvent, type RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { IdentityWatch } from '../identity/identity-watch.ts';
import type { ChangedIdentity } from '../identity/pins.ts';
import { HubDuty } from '../keys/hub-duty.ts';
import { HubWatch } from '../keys/hub-watch.ts';
import { answerKey } from '../keys/key-answer.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import type { RoomView } from '../view.ts';
import { Conditions } from './conditions.ts';
import { HistoryReplay } from './history-replay.ts';
import { KnockWatch } from './knock-watch.ts';
import type { LogItem } from './log-intake.ts';
import { LogReader } from './log-reader.ts';
import { Outbox } from './outbox.ts';
import { type Denial, OwnMembership } from './own-membership.ts';
import { Presence } from './presence.ts';
import { withMessages } from './recent-messages.ts';
import { peerOf, roomView } from './room-view.ts';

/** After these there are others in the room, or invited, than before. */
const changesPeople: ReadonlySet<RoomEvent['kind']> = new Set([
  'created',
  'joined',
  'invited',
  'withdrawn',
  'left',
  'removed',
  'revoked',
]);

export class RoomSession {
  readonly #context: ClientContext;
  readonly #hub: HubDuty;
  readonly #log: LogReader;
  readonly #presence: Presence;
  readonly #identities: IdentityWatch;
  readonly #hubWatch: HubWatch;
  readonly #knocks: KnockWatch;
  readonly #replay: HistoryReplay;
  readonly ownMembership: OwnMembership;
  readonly outbox: Outbox;
  /** What others wait for in this room. */
  readonly conditions: Conditions;
  #stored: StoredRoom;
  /** Null while the server has not been asked for the log on this connection. */
  #subscribed: Promise<void> | null = null;
  #ready: boolean;

  constructor(context: ClientContext, stored: StoredRoom) {
    this.#context = context;
    this.#stored = stored;
    const place = { roomId: stored.state.room, roomName: stored.name };
    this.ownMembership = new OwnMembership(() => this.#stored);
    this.conditions = new Conditions(context.scheduler);
    this.#log = new LogReader(context, this);
    this.outbox = new Outbox(context, this, stored.outbox);
    this.#hub = new HubDuty(context, this);
    this.#replay = new HistoryReplay(context, this);
    this.#presence = new Presence((user, online) => {
      context.emit({ kind: 'presence', ...place, user, online });
      this.review();
    });
    this.#identities = new IdentityWatch(context.pins, (changed) =>
      context.emit({ kind: 'identity-changed', ...place, ...changed }),
    );
    this.#hubWatch = new HubWatch((user, before) => context.emit({ kind: 'hub', ...place, user, before }));
    this.#knocks = new KnockWatch(context, (knock) => context.emit({ kind: 'knock', ...place, ...knock }));
    this.#identities.review(stored.state);
    this.#ready = this.#isReady();
  }

  get roomId(): RoomId {
    return this.#stored.state.room;
  }

  get roomName(): RoomName {
    return this.#stored.name;
  }

  get state(): RoomState {
    return this.#stored.state;
  }

  get stored(): StoredRoom {
    return { ...this.#stored, outbox: this.outbox.waiting };
  }

  get online(): readonly UserName[] {
    return this.#presence.online;
  }

  /** Whether anything may be said or done now: caught up, and no identity in the room in doubt. */
  get mayAct(): boolean {
    return this.#log.caughtUp && this.#identities.changed.length === 0;
  }

  /** Whether what was said before this user's join is still to be shown: until then the log has not been read for good. */
  get replaying(): boolean {
    return this.#stored.replay !== undefined;
  }

  /** Those whose identity key is not the one that they are known by. */
  get changedIdentities(): readonly ChangedIdentity[] {
    return this.#identities.changed;
  }

  /** Whether all that has come of the log was read, with the keys that it takes. */
  get settled(): boolean {
    return this.#log.settled;
  }

  get isCaughtUp(): boolean {
    return this.#log.caughtUp;
  }

  view(): RoomView {
    const { pins } = this.#context;
    return { ...roomView(this.stored, pins, this.online, this.#log.caughtUp), removed: this.ownMembership.removed };
  }

  /** Reads on from where this member is, once on each connection. Rejects as `request` does. */
  subscribe(): Promise<void> {
    if (this.#subscribed !== null) return this.#subscribed;
    const subscribed = this.#subscribe().catch((error: unknown) => {
      if (this.#subscribed === subscribed) this.#subscribed = null;
      throw error;
    });
    this.#subscribed = subscribed;
    return subscribed;
  }

  async #subscribe(): Promise<void> {
    this.#presence.asked();
    const { online } = await this.#context.request('subscribe', { room: this.roomId, after: this.state.head.seq });
    this.ownMembership.answered(null);
    this.#presence.answered(online);
  }

  disconnected(): void {
    this.#subscribed = null;
    this.#log.disconnected();
    this.#presence.disconnected();
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
    this.#log.receive(item);
  }

  caughtUp(head: number): void {
    this.#log.reach(head, () => {
      if (this.#replay.due) return this.#log.enqueue(() => this.#replay.begin());
      this.#replay.end();
      this.#identities.announce();
      this.#context.emit({ kind: 'caught-up', roomId: this.roomId, roomName: this.roomName });
      this.#announceKey();
      void this.#knocks.review(this.state);
    });
  }

  presence(user: UserName, online: boolean): void {
    this.#presence.change(user, online);
  }

  knocked(knock: SignedKnock): void {
    this.#knocks.knocked(this.state, knock);
  }

  keyAsked(number: number, user: UserName): void {
    this.#log.enqueue(() => answerKey(this.#context, this, number, user));
  }

  keyGiven(number: number): void {
    this.#log.keyGiven(number);
  }

  propose(draft: RoomState['draft']): void {
    this.keep({ state: { ...this.state, draft } });
  }

  /** Takes over parts of what is stored of the room; it is stored with the next save. */
  keep(changed: Partial<StoredRoom>): void {
    this.#stored = { ...this.#stored, ...changed };
  }

  undelivered(text: string, code: string, reason: string): void {
    this.#context.emit({ kind: 'undelivered', roomId: this.roomId, roomName: this.roomName, text, code, reason });
  }

  /** The pins have changed: looks again whether anybody here is in doubt. */
  reviewIdentities(): void {
    this.#identities.review(this.state);
    this.review();
  }

  review(): void {
    this.#hub.review();
    this.outbox.flush();
    if (this.#log.caughtUp) this.#hubWatch.review(this.state, this.online);
    this.conditions.check();
  }

  take(taken: RoomState, events: readonly RoomEvent[]): void {
    const seen = noteKeySeen(taken, this.#context.scheduler.now());
    const state = this.replaying ? seen : eraseOldSecrets(seen);
    this.keep({ state, peer: peerOf(state) ?? this.#stored.peer });
    const told = this.#replay.toTell(events);
    const messages = told.filter((event) => event.kind === 'message');
    this.keep({ recent: withMessages(this.#stored.recent, messages) });
    this.#context.saveSoon();
    if (events.some(({ kind }) => changesPeople.has(kind))) this.#meet();
    for (const event of told) this.#emit(event);
    for (const { fingerprint, hash, seq } of messages) {
      if (fingerprint === state.me) this.outbox.delivered(hash, seq);
    }
    this.#giveBackIfOut();
    this.#announceKey();
    if (this.#log.caughtUp && this.#replay.due) this.#log.enqueue(() => this.#replay.begin());
  }

  /** The server does not let this user in. What they had is kept. */
  accessDenied(denial: Denial): void {
    this.ownMembership.answered(denial);
    this.#giveBackIfOut();
  }

  #giveBackIfOut(): void {
    const { exclusion } = this.ownMembership;
    if (exclusion !== null) this.outbox.giveBack(exclusion);
  }

  #meet(): void {
    this.#identities.review(this.state);
    if (this.#log.caughtUp) this.#identities.announce();
  }

  #emit(event: RoomEvent): void {
    const { user, emit } = this.#context;
    const by = event.kind === 'revoked' ? null : 'by' in event ? event.by : event.user;
    const mine = event.kind !== 'violation' && by === user;
    emit({ kind: 'room', roomId: this.roomId, roomName: this.roomName, event, mine, live: this.#log.caughtUp });
  }

  #isReady(): boolean {
    return isPresent(this.state) && !this.replaying && currentSecret(this.state) !== null;
  }

  #announceKey(): void {
    if (this.#ready || !this.#isReady()) return;
    this.#ready = true;
    this.#context.emit({
      kind: 'ready',
      roomId: this.roomId,
      roomName: this.roomName,
      epoch: this.state.epoch?.number ?? 0,
    });
  }
}
