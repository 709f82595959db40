/** Coordinates one joined room: reads its log, requests and rotates keys, sends queued messages, and emits events. */
import type { MessageBody, RoomId, RoomName, UserName } from '@chat/protocol';
import {
  countOwnMessage,
  currentSecret,
  eraseOldSecrets,
  isPresent,
  noteKeySeen,
  type RoomEvent,
  type RoomState,
} from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { Explanation } from '../errors.ts';
import { Heartbeats } from '../freshness/heartbeats.ts';
import type { ChangedIdentity } from '../identity/pins.ts';
import { HubDuty, HubWatch } from '../keys/hub-duty.ts';
import { answerKey } from '../keys/key-answer.ts';
import type { SendOptions } from '../messages/saying.ts';
import { RoomIdentities } from '../renewal/room-identities.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import type { RoomView } from '../view.ts';
import { Conditions } from './conditions.ts';
import { HistoryReplay } from './history-replay.ts';
import { WantedEntries } from './kept-entries.ts';
import { KnockWatch } from './knock-watch.ts';
import { LogReader } from './log-reader.ts';
import { comparedLog, LogRecovery } from './log-recovery.ts';
import { Outbox } from './outbox/outbox.ts';
import type { Undelivered } from './outbox/unsent.ts';
import { type Denial, OwnMembership } from './own-membership.ts';
import { Presence } from './presence.ts';
import { peerOf, roomView } from './room-view.ts';
import { LateMessages } from './said/late-messages.ts';
import { report } from './said/reported-events.ts';
import { type Referred, SaidMessages } from './said/said-messages.ts';

/** One joined room. */
export class RoomSession {
  readonly #context: ClientContext;
  readonly #place: { readonly roomId: RoomId; readonly roomName: RoomName };
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly #hub: HubDuty;
  readonly #hubWatch: HubWatch;
  readonly #identities: RoomIdentities;
  readonly #replay: HistoryReplay;
  readonly log: LogReader;
  readonly recovery: LogRecovery;
  readonly wanted: WantedEntries;
  readonly presence: Presence;
  readonly knocks: KnockWatch;
  readonly ownMembership: OwnMembership;
  readonly outbox: Outbox;
  readonly said: SaidMessages;
  readonly #late: LateMessages;
  readonly heartbeats: Heartbeats;
  /** What the operations on this room wait for. */
  readonly conditions: Conditions;
  #stored: StoredRoom;
  /** The subscription on this connection; null before the client has asked for the log. */
  #subscribed: Promise<void> | null = null;
  #ready: boolean;

  constructor(context: ClientContext, stored: StoredRoom) {
    const place = { roomId: stored.state.room, roomName: stored.name };
    this.#context = context;
    this.#place = place;
    this.roomId = place.roomId;
    this.roomName = place.roomName;
    this.#stored = stored;
    this.ownMembership = new OwnMembership(() => this.#stored);
    this.conditions = new Conditions(context.scheduler, () => (this.log.caughtUp ? null : this.state.head.seq));
    this.recovery = new LogRecovery(context, this);
    this.wanted = new WantedEntries(context, this);
    this.log = new LogReader(context, this);
    this.outbox = new Outbox(context, this, stored);
    this.said = new SaidMessages(context, place.roomId);
    this.#late = new LateMessages(context, this);
    this.#hub = new HubDuty(context, this);
    this.heartbeats = new Heartbeats(context, this, stored.heard);
    this.#replay = new HistoryReplay(context, this);
    this.presence = new Presence(context.user, (user, online) => {
      context.emit({ kind: 'presence', ...place, user, online });
      if (online) this.heartbeats.connected(user);
      this.review();
    });
    this.#identities = new RoomIdentities(context, this);
    this.#hubWatch = new HubWatch((user, before) => context.emit({ kind: 'hub', ...place, user, before }));
    this.knocks = new KnockWatch(context, place);
    this.#identities.review(stored.state);
    this.#ready = this.#isReady();
  }

  get state(): RoomState {
    return this.#stored.state;
  }

  /** What is stored of the room. */
  get stored(): StoredRoom {
    return { ...this.#stored, ...this.outbox.stored, heard: this.heartbeats.heard.stored };
  }

  get online(): readonly UserName[] {
    return this.presence.online;
  }

  /** True if the client may send and make keys: connected, caught up, no changed identity in the room, and the user's own key in it. */
  get mayAct(): boolean {
    return this.log.caughtUp && this.#identities.areSettled;
  }

  /** The members and invited users whose identity key differs from their pin. */
  get changedIdentities(): readonly ChangedIdentity[] {
    return this.#identities.changed;
  }

  /** False after a renewal of the user's identity key, until the room has the new one. */
  get isOwnKeyCurrent(): boolean {
    return this.#identities.isOwnKeyCurrent;
  }

  /** What the server has not sent yet: the end of the log, or a key; null if everything was read. */
  get lacks(): LogReader['lacks'] {
    return this.log.lacks;
  }

  get isCaughtUp(): boolean {
    return this.log.caughtUp;
  }

  view(): RoomView {
    return roomView(this.stored, {
      context: this.#context,
      connected: { online: this.presence.online, connected: this.presence.connected },
      caughtUp: this.log.caughtUp,
      membership: this.ownMembership,
      heard: this.heartbeats.heard,
    });
  }

  /** Asks the server for the log from the head on, once on each connection. Rejects as `ClientContext.request` does. */
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
    this.presence.asked();
    const { head: own } = this.state;
    const answer = this.#context.request('subscribe', { room: this.roomId, after: own.seq });
    this.log.begin(answer.then((theirs) => comparedLog(own, theirs) !== 'other'));
    const connected = await answer;
    this.ownMembership.answered(null);
    this.presence.answered(connected);
    this.heartbeats.followed();
  }

  /** To be called when the connection is lost. What is stored stays. */
  disconnected(): void {
    this.#subscribed = null;
    this.log.disconnected();
    this.wanted.disconnected();
    this.heartbeats.stop();
    this.presence.disconnected();
    this.#hub.reset();
    this.outbox.reset();
    this.#identities.disconnected();
  }

  /** To be called when the client closes. The outbox stays stored. */
  close(error: Error): void {
    this.disconnected();
    this.conditions.close(error);
    this.outbox.abandon(error);
  }

  /** To be called when nothing is stored of the room any more. Reports the messages of the outbox. */
  end(error: Error): void {
    this.outbox.giveBack(error);
    this.close(error);
  }

  /** To be called when the server has sent the backlog up to `headSeq`. */
  caughtUp(headSeq: number): void {
    this.log.reach(headSeq, () => {
      if (this.#replay.due) return this.log.enqueue(() => this.#replay.begin());
      this.#replay.end();
      this.#identities.announce();
      this.#context.emit({ kind: 'caught-up', ...this.#place });
      this.#announceKey();
      void this.knocks.review(this.state);
      this.log.enqueue(() => this.#late.fetch());
    });
  }

  /** Puts a message into the outbox, where it waits until the room's identities are settled. Rejects as `ChatClient.send` does. */
  send(said: string | MessageBody, options?: SendOptions): ReturnType<Outbox['send']> {
    this.#identities.requireTrusted();
    return this.outbox.send(said, options);
  }

  /** Answers a member who asks for a key, after everything that was sent before has been read. */
  answerKeyRequest(epochNumber: number, user: UserName): void {
    this.log.keyAsked({ epochNumber, user }, () => answerKey(this.#context, this, epochNumber, user));
  }

  propose(drafts: RoomState['drafts']): void {
    this.keep({ state: { ...this.state, drafts } });
  }

  /** Changes parts of what is stored of the room. The next save stores them. */
  keep(changed: Partial<StoredRoom>): void {
    this.#stored = { ...this.#stored, ...changed };
  }

  /** Reports a message that was not delivered. */
  undelivered(said: Undelivered, { code, reason }: Explanation): void {
    this.#context.emit({ kind: 'undelivered', ...this.#place, ...said, code, reason });
  }

  /** Checks the pins of all members again. To be called after a change of the pins. */
  reviewIdentities(): void {
    this.#identities.review(this.state);
    this.review();
  }

  /** Continues the work that may have become possible: a new key, waiting messages, pending conditions. */
  review(): void {
    this.#identities.renewOwn();
    this.#hub.review();
    this.outbox.flush();
    if (this.log.caughtUp && !this.log.keys.underWay) this.#hubWatch.review(this.state, this.online);
    this.conditions.check();
  }

  /** Null for events that refer to no message, or are read a second time later. */
  lookUp(events: readonly RoomEvent[]): Promise<Referred> | null {
    return this.#stored.replay === 'due' ? null : this.said.lookUp(events, this.#replay.name);
  }

  /** Takes the state after applied entries, stores it and reports their events. */
  take(taken: RoomState, events: readonly RoomEvent[], referred?: Referred): void {
    const seen = noteKeySeen(taken, this.#context.scheduler.now(), this.state);
    // Until the history has been read a second time, the secrets lead to those before them.
    const state = this.#stored.replay === undefined ? eraseOldSecrets(seen) : seen;
    const before = isPresent(state) ? undefined : this.#stored.before;
    this.keep({ state, before, peer: peerOf(state) ?? this.#stored.peer });
    this.conditions.show(events);
    const selected = this.#replay.select(events);
    this.#late.took(seen, selected);
    this.#identities.take(events);
    report(this.#context, this, selected, { name: this.#replay.name, referred });
    this.heartbeats.read(this.log.caughtUp ? events : []);
    for (const event of events) if (event.kind === 'gap') this.#takeGap(event);
    this.#giveBackIfExcluded();
    this.#announceKey();
    if (this.log.caughtUp && this.#replay.due) this.log.enqueue(() => this.#replay.begin());
  }

  /** Takes messages that are read when their key has come, and changes of them. */
  async takeLate(events: readonly RoomEvent[]): Promise<void> {
    const referred = (await this.lookUp(events)) ?? undefined;
    report(this.#context, this, events, { name: this.#replay.name, referred, late: true });
  }

  /** An own message that the server has lost was delivered all the same, and the own chain goes on after it. */
  #takeGap({ seq, hashes }: Extract<RoomEvent, { kind: 'gap' }>): void {
    for (const [index, hash] of hashes.entries()) {
      if (!this.outbox.delivered(hash, seq + index)) continue;
      this.keep({ state: countOwnMessage(this.state, hash) });
    }
  }

  /** To be called when the server denies the user access to the room. What is stored of it is kept. */
  accessDenied(denial: Denial): void {
    this.log.denied();
    this.ownMembership.answered(denial);
    this.#giveBackIfExcluded();
  }

  #giveBackIfExcluded(): void {
    const { exclusion } = this.ownMembership;
    if (exclusion !== null) this.outbox.giveBack(exclusion);
  }

  #isReady(): boolean {
    return isPresent(this.state) && this.#stored.replay === undefined && currentSecret(this.state) !== null;
  }

  #announceKey(): void {
    if (this.#ready || !this.#isReady()) return;
    this.#ready = true;
    this.#context.emit({ kind: 'ready', ...this.#place, epoch: this.state.epoch?.number ?? 0 });
  }
}
