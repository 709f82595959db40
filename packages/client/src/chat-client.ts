/** A user's client: their rooms, over a connection that comes back by itself. */
import type { Fingerprint, Push, Role, RoomName, RoomSummary, UserName } from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import { type ClientContext, explain } from './context.ts';
import { ClientError, removedFrom } from './errors.ts';
import type { ClientEvent, ClientListener } from './event.ts';
import { createRoom, joinRoom, leaveRoom } from './membership.ts';
import { giveRole, removeMember } from './moderation.ts';
import { type ChangedIdentity, Pins } from './pins.ts';
import type { RoomSession } from './room-session.ts';
import { RoomSet } from './room-set.ts';
import type { Scheduler } from './scheduler.ts';
import type { Stored, Vault } from './stored.ts';
import type { Transport } from './transport.ts';
import { Uplink } from './uplink.ts';
import type { RoomView } from './view.ts';

/** How long changes may wait before they are stored, in ms. */
const saveWithin = 250;
export interface ChatClientOptions {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly transport: Transport;
  readonly vault: Vault;
  readonly stored: Stored;
}

export class ChatClient {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly #options: ChatClientOptions;
  readonly #context: ClientContext;
  readonly #pins: Pins;
  readonly #uplink: Uplink;
  readonly #rooms: RoomSet;
  readonly #listeners = new Set<ClientListener>();
  #certified: Stored['certified'];
  #cancelSave: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ChatClientOptions) {
    const { user, signer, crypto, scheduler, transport, stored } = options;
    this.user = user;
    this.fingerprint = signer.fingerprint;
    this.#options = options;
    this.#pins = new Pins(stored.pins);
    this.#certified = stored.certified;
    const random = () => (crypto.random(1)[0] ?? 0) / 255;
    this.#uplink = new Uplink(
      { user, signer, transport, scheduler, random, handlers: this.#handlers() },
      stored.certified,
    );
    this.#context = {
      user,
      signer,
      crypto,
      scheduler,
      pins: this.#pins,
      request: (operation, fields) => this.#uplink.request(operation, fields),
      save: () => this.#save(),
      saveSoon: () => this.#saveSoon(),
      emit: (event) => this.#emit(event),
    };
    this.#rooms = new RoomSet(this.#context, Object.values(stored.rooms));
  }

  get online(): boolean {
    return this.#uplink.online;
  }

  /** Calls `listener` with every event from now on. Returns what ends it. */
  subscribe(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Connects and logs in. Once this has succeeded, the client reconnects by itself.
   * Rejects with `ClientError` (`unreachable`, `wrong-authority`, `certificate-refused`, `not-a-chat-server`,
   * `timed-out`) or the server's `ProtocolError` (`login-refused`, ...).
   */
  connect(): Promise<void> {
    return this.#uplink.start();
  }

  /** The joined rooms, by name. */
  rooms(): readonly RoomView[] {
    return [...this.#rooms].map((room) => room.view()).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  room(name: RoomName): RoomView | null {
    return this.#rooms.find(name)?.view() ?? null;
  }

  /** All open rooms of the server. */
  async listRooms(): Promise<readonly RoomSummary[]> {
    const rooms: RoomSummary[] = [];
    for (;;) {
      const last = rooms.at(-1);
      const page = await this.#context.request('list-rooms', last === undefined ? {} : { after: last.name });
      rooms.push(...page.rooms);
      if (!page.more || page.rooms.length === 0) return rooms;
    }
  }

  /** Opens a room with this user as its first member. Resolves when it has its key. Rejects with `room-name-taken`. */
  async createRoom(name: RoomName): Promise<RoomView> {
    return (await this.#rooms.once(name, () => createRoom(this.#context, this.#rooms, name))).view();
  }

  /**
   * Joins a room by its name; a room that is joined already is returned as it is. Resolves when the membership is on
   * the log; the key follows (event `ready`). Rejects with `unknown-room`, `wrong-room`.
   */
  async joinRoom(name: RoomName): Promise<RoomView> {
    return (await this.#rooms.once(name, () => joinRoom(this.#context, this.#rooms, name))).view();
  }

  /**
   * Leaves a room and erases its keys and messages here; of one that this user was removed from, it erases what is left.
   * Rejects with `not-joined`, `offline`.
   */
  async leaveRoom(name: RoomName): Promise<void> {
    const session = this.#rooms.find(name);
    await leaveRoom(this.#context, this.#rooms, session?.removed === true ? session : this.#require(name));
  }

  /**
   * Takes a member out of a room. They read nothing said from then on, and cannot join again until they are given the
   * role `member`. Resolves when it is on the log. Rejects with `not-joined`, `unknown-member`, `not-allowed`, `offline`.
   */
  async removeMember(name: RoomName, user: UserName): Promise<void> {
    await removeMember(this.#context, this.#require(name), user);
  }

  /**
   * Gives a member of a room a role; with `owner` the room is theirs, and this user a moderator. `member` for somebody who
   * was removed lets them join again. Resolves when it is on the log. Rejects as `removeMember` does.
   */
  async giveRole(name: RoomName, user: UserName, role: Role): Promise<void> {
    await giveRole(this.#context, this.#require(name), user, role);
  }

  /**
   * Says something in a room. Resolves with its place once it is on the server's log; until then, also over restarts,
   * it waits in the outbox. Rejects at once with `not-joined`, `message-too-long`, `identity-changed`.
   */
  async send(name: RoomName, text: string): Promise<{ readonly seq: number }> {
    const session = this.#require(name);
    const [changed] = session.changedIdentities;
    if (changed !== undefined) {
      throw new ClientError(
        'identity-changed',
        `${changed.user} has another identity key than before: nothing is sent to ${name} until you trust it.`,
      );
    }
    return session.outbox.send(text);
  }

  /** Who shows another identity key in some room than they are known by. */
  changedIdentities(): readonly ChangedIdentity[] {
    return [...this.#rooms].flatMap((session) => session.changedIdentities);
  }

  /** Takes this key for that person's from now on, and goes on in the rooms that waited for it. */
  async trust(user: UserName, fingerprint: Fingerprint): Promise<void> {
    this.#pins.trust(user, fingerprint);
    for (const session of this.#rooms) session.reviewIdentities();
    await this.#save();
  }

  /** Stores everything and disconnects. What was not sent yet is sent after the next start. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#uplink.close();
    const snapshot = this.#snapshot();
    this.#cancelSave?.();
    this.#rooms.close(new ClientError('closed', 'The client was closed.'));
    try {
      await this.#options.vault.save(snapshot);
    } finally {
      await this.#options.vault.close();
    }
  }

  #handlers() {
    return {
      push: (push: Push) => this.#rooms.route(push),
      online: () => {
        this.#emit({ kind: 'connection', status: 'online' });
        this.#rooms.connected();
      },
      offline: (reason: string, retryInMs: number) => {
        this.#rooms.disconnected();
        this.#emit({ kind: 'connection', status: 'offline', reason, retryInMs });
      },
      refused: (code: string, reason: string) => {
        this.#rooms.disconnected();
        this.#emit({ kind: 'refused', code, reason });
      },
      certified: (certified: NonNullable<Stored['certified']>) => {
        this.#certified = certified;
        this.#saveSoon();
      },
    };
  }

  #require(name: RoomName): RoomSession {
    const session = this.#rooms.find(name);
    if (session?.removed === true) throw removedFrom(name);
    if (session?.joined === true) return session;
    throw new ClientError('not-joined', `You are not in a room named ${name}: join it first.`);
  }

  #emit(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // Its fault is reported as its own, and stops neither the room nor the other listeners.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #snapshot(): Stored {
    const rooms = Object.fromEntries([...this.#rooms].map((session) => [session.room, session.stored]));
    return { v: 1, certified: this.#certified, pins: this.#pins.toJSON(), rooms };
  }

  async #save(): Promise<void> {
    this.#cancelSave?.();
    this.#cancelSave = null;
    // The last state was stored by `close`; the profile may be another client's by now.
    if (this.#closing === null) await this.#options.vault.save(this.#snapshot());
  }

  #saveSoon(): void {
    if (this.#closing !== null) return;
    this.#cancelSave ??= this.#options.scheduler.after(saveWithin, () => {
      this.#save().catch((error: unknown) => this.#emit({ kind: 'trouble', ...explain(error) }));
    });
  }
}
