/**
 * The client of a profile that several programs can use at once. The first one that opens the profile has the client and serves the
 * others. When it ends, however it ends, one of the others opens the profile in its place, and the rest go on with that one. No program
 * notices more than a connection that is opened again.
 */
import type { Fingerprint, RoomName, UserName } from '@chat/protocol';
import type { AttentionSettings } from '../../attention/settings.ts';
import type { ChatClient } from '../../chat-client.ts';
import type { BegunRenewal } from '../../client-options.ts';
import { type Explanation, explain } from '../../errors.ts';
import { type ClientEvent, type ClientListener, Listeners } from '../../events.ts';
import type { ChangedIdentity } from '../../identity/pins.ts';
import type { RoomView } from '../../view.ts';
import { systemScheduler } from '../scheduler.ts';
import { CalledClient } from './called-client.ts';
import type { ConnectOptions } from './holder/wanted-connection.ts';
import { beginOf, type Greeting, type Progress } from './local-messages.ts';
import { type ArgumentsOf, isSaying, type LocalMethodName, perform, type ValueOf, withoutId } from './local-methods.ts';
import { Mirror } from './mirror.ts';
import { closeOne, type LinkedClient, type Open, type OwnClient } from './opened-profile.ts';
import { closedError, type PendingCall, PendingCalls } from './pending-calls.ts';
import { ReportedEvents } from './reported-events.ts';
import { eventsAfterLogin, missedEvents, silentHolder, speakingHolder } from './shared-events.ts';

/** How long a program that ends waits until the other one has what was sent last. */
const keptTimeoutMs = 1_000;

/** The client of a profile, in this process or in another one. */
export class SharedClient extends CalledClient {
  readonly #open: Open;
  readonly #listeners = new Listeners();
  readonly #mirror = new Mirror();
  /** Null while the program that had the profile has ended, and no other one has it yet. */
  #current: OwnClient | LinkedClient | null = null;
  #identity: { readonly user: UserName; readonly fingerprint: Fingerprint } = { user: '', fingerprint: '' };
  readonly #calls = new PendingCalls();
  readonly #reported = new ReportedEvents();
  /** True once this program has wanted a connection. */
  #wantsConnection = false;
  /** True from the report that the other program is silent to the one that this is over. */
  #isSilent = false;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;
  /** Why the profile could not be opened again; null while it can. */
  #failure: Error | null = null;
  /** Settles when the profile is open again, or cannot be opened. */
  #goingOn: Promise<void> = Promise.resolve();

  private constructor(open: Open) {
    super();
    this.#open = open;
  }

  /**
   * Opens the profile, or links to the program that has it.
   *
   * @param signal ends the opening. Default: none does
   * @throws what `open` throws; ClientError `closed` once the signal is aborted
   */
  static async open(open: Open, signal?: AbortSignal): Promise<SharedClient> {
    const shared = new SharedClient(open);
    const abort = () => shared.#closing.abort();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    try {
      const first = await shared.#next(null);
      if (shared.#isClosed) {
        await closeOne(first);
        throw closedError();
      }
      shared.#adopt(first);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    return shared;
  }

  /** True if this process has the profile and the connection. */
  get isHolder(): boolean {
    return this.#current?.kind === 'own';
  }

  get user(): UserName {
    return this.#identity.user;
  }

  /** Fingerprint of the user's identity key. */
  get fingerprint(): Fingerprint {
    return this.#identity.fingerprint;
  }

  get online(): boolean {
    return this.#own?.online ?? this.#mirror.status.online;
  }

  get refusal(): Explanation | null {
    return this.#own === null ? this.#mirror.status.refusal : this.#own.refusal;
  }

  protected override get areMessagesDamaged(): boolean {
    // The mirror also has what the program before has found, if this one has the client now.
    return this.#mirror.status.areMessagesDamaged || this.#own?.messages.areDamaged === true;
  }

  protected override get attentionSettings(): AttentionSettings {
    return this.#own?.attention.settings ?? this.#mirror.status.attention;
  }

  get isRenewingKey(): boolean {
    return this.#own?.isRenewingKey ?? this.#mirror.status.isRenewingKey;
  }

  /** What the opening of the profile has found of a renewal, if this program has the client. */
  get begunRenewal(): BegunRenewal | null {
    return this.#own?.begunRenewal ?? null;
  }

  subscribe(listener: ClientListener): () => void {
    return this.#listeners.add(listener);
  }

  /** Connects like `ChatClient.connect`. If another program has the client, waits for its connection. */
  async connect(options: ConnectOptions = {}): Promise<void> {
    this.#wantsConnection = true;
    if (this.#current?.kind === 'own') return this.#current.connection.connect(options);
    await this.#enqueue('connect', [options]);
    this.#greet();
  }

  keepConnecting(): void {
    this.#wantsConnection = true;
    if (this.#current?.kind === 'own') this.#current.connection.keep();
  }

  rooms(): readonly RoomView[] {
    return (this.#own ?? this.#mirror).rooms();
  }

  room(roomName: RoomName): RoomView | null {
    return (this.#own ?? this.#mirror).room(roomName);
  }

  changedIdentities(): readonly ChangedIdentity[] {
    return this.#own?.changedIdentities() ?? this.#mirror.status.changedIdentities;
  }

  lookAlike(user: UserName): UserName | null {
    return this.#own === null ? this.#mirror.lookAlike(user, this.user) : this.#own.lookAlike(user);
  }

  /** Ends the use of the profile by this program; others go on. A message that is not kept in the outbox for certain rejects with `not-kept`. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    if (this.#current?.kind === 'linked' && !this.#isSilent) await this.#calls.kept(systemScheduler, keptTimeoutMs);
    if (this.#current !== null) await closeOne(this.#current);
    this.#calls.close();
    await this.#goingOn;
  }

  get #own(): ChatClient | null {
    return this.#current?.kind === 'own' ? this.#current.connection.client : null;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Reports what a client reports after its login, because the other program has reported it before this one came. */
  #greet(): void {
    systemScheduler.after(0, () => {
      if (this.#isClosed || this.#current?.kind !== 'linked') return;
      for (const event of eventsAfterLogin(this.rooms())) this.#listeners.emit(event);
    });
  }

  #next(resumes: Progress | null): Promise<OwnClient | LinkedClient> {
    return this.#open({
      mirror: this.#mirror,
      resumes,
      signal: this.#closing.signal,
      onReady: (greeting) => this.#begin(greeting, resumes),
      onEvent: (event) => this.#report(event),
      onSilence: (isSilent) => this.#noteSilence(isSilent),
      onEnd: () => {
        // Before it is adopted, nothing is lost with it.
        if (this.#current !== null) this.#lost();
      },
    });
  }

  /** Begins to report what a holder reports. */
  #begin({ begin, progress, missed }: Greeting, resumes: Progress | null): void {
    const isOther = resumes !== null && resumes.holder !== progress.holder;
    const isCut = isOther && this.#reported.isCutBy(begin);
    if (resumes === null || missed || isCut) this.#reported.cameTo(this.#mirror.rooms());
    if (missed || isCut) this.#listeners.emit(missedEvents);
  }

  #adopt(next: OwnClient | LinkedClient): void {
    this.#current = next;
    const { user, fingerprint } = next.kind === 'own' ? next.connection.client : next.link.identity;
    this.#identity = { user, fingerprint };
    if (next.kind === 'own') next.connection.subscribe((event) => this.#report(event));
    else if (next.link.hasEnded) this.#lost();
  }

  /** Goes on without the program that had the profile: in this one, or in another one that was faster. */
  #lost(): void {
    if (this.#isClosed || this.#current?.kind !== 'linked') return;
    const { progress } = this.#current.link;
    this.#current = null;
    this.#mirror.lost();
    this.#calls.lost();
    this.#goingOn = this.#next(progress).then(
      (next) => this.#goOn(next),
      (error: Error) => this.#giveUp(error),
    );
  }

  async #goOn(next: OwnClient | LinkedClient): Promise<void> {
    if (this.#isClosed) return closeOne(next);
    if (next.kind === 'own') {
      const rooms = next.connection.client.rooms();
      if (this.#reported.isCutBy(beginOf(rooms))) {
        this.#reported.cameTo(rooms);
        this.#listeners.emit(missedEvents);
      }
    }
    this.#adopt(next);
    this.#noteSilence(false);
    if (next.kind === 'own' && this.#wantsConnection) next.connection.keep();
    // In their order, so that messages stay in theirs.
    for (const call of this.#calls) this.#carryOut(call);
  }

  /** The profile cannot be opened any more: what waits fails, and so does what follows. */
  #giveUp(error: Error): void {
    if (this.#isClosed) return;
    this.#failure = error;
    this.#calls.failAll(error);
    this.#listeners.emit({ kind: 'refused', ...explain(error) });
  }

  #noteSilence(isSilent: boolean): void {
    if (this.#isSilent === isSilent) return;
    this.#isSilent = isSilent;
    this.#mirror.silence(isSilent);
    this.#listeners.emit(isSilent ? silentHolder : speakingHolder);
  }

  #report(event: ClientEvent): void {
    const isOwnAct = event.kind === 'left' && this.#calls.has('leaveRoom', event.roomName);
    if (!isOwnAct && this.#reported.isNew(event)) this.#listeners.emit(event);
  }

  protected override call<M extends LocalMethodName>(method: M, args: ArgumentsOf<M>): Promise<ValueOf<M>> {
    return this.#enqueue(method, args) as Promise<ValueOf<M>>;
  }

  #enqueue(method: LocalMethodName, args: readonly unknown[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return this.#calls.add(method, args, (call) => {
      if (this.#current !== null) this.#carryOut(call);
    });
  }

  #carryOut(call: PendingCall): void {
    const at = this.#current;
    if (at === null) return;
    void this.#perform(call, at).then(
      (value) => {
        if (this.#current === at) this.#calls.settle(call, value);
      },
      (error: Error) => {
        if (this.#current === at) this.#calls.fail(call, error);
      },
    );
  }

  #perform(call: PendingCall, at: OwnClient | LinkedClient): Promise<unknown> {
    const { method, args } = call;
    if (at.kind === 'linked') {
      call.wasPassedOn = true;
      return at.link.call(method, args, () => this.#calls.keep(call));
    }
    // A message that only this program knows needs no id.
    const isOwnMessage = isSaying(method) && !call.wasPassedOn;
    // This client has it, and gives it back or keeps it when it closes.
    call.isKept = true;
    return perform(at.connection, method, isOwnMessage ? withoutId(args) : args);
  }
}
