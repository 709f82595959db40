/** A user's client: their rooms, over a connection that comes back by itself. */
import type { Fingerprint, Policy, Role, RoomName, RoomSummary, UserName } from '@chat/protocol';
import type { RoomCrypto, Signer } from '@chat/room';
import type { Transport } from './connection/transport.ts';
import { Uplink, type UplinkHandlers } from './connection/uplink.ts';
import type { ClientContext, PinnedAuthority } from './context.ts';
import { ClientError, notJoined } from './errors.ts';
import type { ClientEvent, ClientListener } from './event.ts';
import { type ChangedIdentity, Pins } from './identity/pins.ts';
import { PrekeyDirectory } from './keys/prekey-directory.ts';
import { PrekeyRing } from './keys/prekey-ring.ts';
import { Listeners } from './listeners.ts';
import { giveRole, removeMember } from './membership/decide.ts';
import { openDirect } from './membership/direct.ts';
import { invite, knocksAt } from './membership/invite.ts';
import { createRoom, joinRoom, openToAll } from './membership/join.ts';
import { Invitations } from './membership/pending.ts';
import { listRooms } from './membership/room-list.ts';
import { identityOf, safetyNumberWith } from './membership/safety-number.ts';
import { PushRouter } from './push-router.ts';
import { leaveRoom } from './room/leave.ts';
import type { RoomSession } from './room/room-session.ts';
import { RoomSet } from './room/room-set.ts';
import type { Scheduler } from './scheduler.ts';
import { StateSaver } from './storage/state-saver.ts';
import type { Stored, Vault } from './storage/stored-state.ts';
import type { InvitationView, KnockView, RoomView, SafetyNumber } from './view.ts';

export interface ChatClientOptions {
  readonly user: UserName;
  readonly signer: Signer;
  readonly crypto: RoomCrypto;
  readonly scheduler: Scheduler;
  readonly transport: Transport;
  /** The certificate authority that `transport` verifies the server against. */
  readonly authority: PinnedAuthority;
  readonly vault: Vault;
  readonly stored: Stored;
}

export class ChatClient {
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly #context: ClientContext;
  readonly #prekeys: PrekeyRing;
  readonly #directory: PrekeyDirectory;
  readonly #uplink: Uplink;
  readonly #rooms: RoomSet;
  readonly #invitations: Invitations;
  readonly #router: PushRouter;
  readonly #saver: StateSaver;
  readonly #listeners = new Listeners();
  #certified: Stored['certified'];
  #closing: Promise<void> | null = null;

  constructor(options: ChatClientOptions) {
    const { user, signer, crypto, scheduler, transport, authority, vault, stored } = options;
    this.user = user;
    this.fingerprint = signer.fingerprint;
    this.#certified = stored.certified;
    const random = () => (crypto.random(1)[0] ?? 0) / 255;
    this.#uplink = new Uplink(
      { user, signer, transport, scheduler, random, handlers: this.#handlers() },
      stored.certified,
    );
    const emit = (event: ClientEvent) => this.#listeners.emit(event);
    this.#saver = new StateSaver({ vault, scheduler, snapshot: () => this.#snapshot(), emit });
    const base: Omit<ClientContext, 'prekeys' | 'directory'> = {
      user,
      signer,
      crypto,
      scheduler,
      authority,
      pins: new Pins(stored.pins),
      request: (operation, fields) => this.#uplink.request(operation, fields),
      save: () => this.#saver.save(),
      saveSoon: () => this.#saver.saveSoon(),
      emit,
    };
    this.#prekeys = new PrekeyRing(base, stored.prekeys, () => this.#rooms.settled);
    this.#directory = new PrekeyDirectory(base, stored.seenPrekeys);
    this.#context = { ...base, prekeys: this.#prekeys, directory: this.#directory };
    this.#rooms = new RoomSet(this.#context, Object.values(stored.rooms));
    this.#invitations = new Invitations(this.#context, this.#rooms, stored.knocked);
    this.#router = new PushRouter({
      emit,
      prekeys: this.#prekeys,
      rooms: this.#rooms,
      invitations: this.#invitations,
    });
  }

  get online(): boolean {
    return this.#uplink.online;
  }

  /** Calls `listener` with every event from now on. Returns what ends it. */
  subscribe(listener: ClientListener): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Connects and logs in. Once this has succeeded, the client reconnects by itself.
   * Rejects with `ClientError` (`unreachable`, `wrong-authority`, `certificate-refused`, `not-a-chat-server`,
   * `timed-out`) or the server's `ProtocolError` (`login-refused`, `access-revoked`, ...).
   */
  async connect(): Promise<void> {
    await this.#uplink.start();
    await this.#router.done;
  }

  /** The joined rooms, by name. */
  rooms(): readonly RoomView[] {
    return [...this.#rooms].map((room) => room.view()).sort((a, b) => (a.roomName < b.roomName ? -1 : 1));
  }

  room(name: RoomName): RoomView | null {
    return this.#rooms.find(name)?.view() ?? null;
  }

  /** All open rooms of the server, and those that this user is in or invited to. */
  listRooms(): Promise<readonly RoomSummary[]> {
    return listRooms(this.#context);
  }

  /**
   * Opens a room with this user as its first member. Resolves when it has its key. Rejects with `room-name-taken`.
   *
   * @param policy who may join and what newcomers can read: everybody, and what is said from their join on. It is for good
   */
  async createRoom(name: RoomName, policy: Policy = openToAll): Promise<RoomView> {
    return (await this.#rooms.once(name, () => createRoom(this.#context, this.#rooms, name, policy))).view();
  }

  /**
   * Joins a room by its name; a room that is joined already is returned as it is. Resolves when the membership is on
   * the log; the key follows (event `ready`). Rejects with `unknown-room`, `not-invited` (see `knock`), `removed`,
   * `access-revoked`, `wrong-room`.
   */
  async joinRoom(name: RoomName): Promise<RoomView> {
    const session = await this.#rooms.once(name, () => joinRoom(this.#context, this.#rooms, name));
    this.#invitations.joined(session.roomId);
    return session.view();
  }

  /**
   * Asks the members of a room that needs an invitation to be let in. Once one of them invites this user, now or after any
   * number of restarts, the client joins by itself. Rejects with `unknown-room`, `removed`, `entry-refused` (the room is
   * open, or a conversation of two), `already-a-member`, `limit-reached`.
   */
  async knock(name: RoomName): Promise<void> {
    await this.#invitations.knock(name);
  }

  /** The rooms that wait for this user to join them. */
  invitations(): Promise<readonly InvitationView[]> {
    return this.#invitations.list();
  }

  /** Who asks to be let into a room. What is not their own word is left out. Rejects with `not-joined`. */
  async knocks(name: RoomName): Promise<readonly KnockView[]> {
    return knocksAt(this.#context, this.#require(name));
  }

  /**
   * Invites somebody into a room: they read what is said from here on, whenever they come. Resolves when it is on the log.
   * Rejects with `not-joined`, `unknown-user` (nobody of that name has shown a key), `identity-changed`, `already-a-member`,
   * `not-verified` (the room asks for compared safety numbers), `removed`, `access-revoked`, `not-allowed`, `room-full`.
   *
   * @param expected the key that they must have, where it was shown to a person (in a knock)
   */
  async invite(name: RoomName, user: UserName, expected: { readonly fingerprint?: Fingerprint } = {}): Promise<void> {
    await invite(this.#context, this.#require(name), user, expected.fingerprint ?? null);
  }

  /**
   * The conversation with one other person, opened where there is none. It can be written to at once: they read it when they
   * come. Rejects with `unknown-user`, `identity-changed`, `room-name-taken`, `wrong-room`, `not-allowed` (with oneself).
   */
  async openDirect(user: UserName): Promise<RoomView> {
    return (await openDirect(this.#context, this.#rooms, user)).view();
  }

  /**
   * Leaves a room and erases its keys and messages here; of one that this user was removed from, it erases what is left.
   * Where the server's answer is lost it is asked again on every connection, over restarts too. Rejects with `not-joined`,
   * `offline`.
   */
  async leaveRoom(name: RoomName): Promise<void> {
    await this.#rooms.once(name, async () => {
      const session = this.#rooms.find(name);
      if (session?.ownMembership.known !== true) throw notJoined(name);
      await leaveRoom(this.#context, this.#rooms, session);
    });
  }

  /**
   * Takes a member out of a room: they read nothing said from then on, and cannot join again until they are given the
   * role `member`. Of somebody who is invited and has not joined, it withdraws the invitation. Resolves when it is on the
   * log. Rejects with `not-joined`, `unknown-member`, `not-allowed`, `offline`.
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
    this.#context.pins.trust(user, fingerprint);
    await this.#pinned();
  }

  /**
   * What this user and another one compare, by a way that the server has no part in, to know that nobody stands between
   * them. Where a room shows another key of theirs than the known one, it is for that key. Rejects with `unknown-user`.
   */
  async safetyNumber(user: UserName): Promise<SafetyNumber> {
    return safetyNumberWith(this.#context, await identityOf(this.#context, this.#rooms, user));
  }

  /** Marks somebody as verified with this key: both have found the same safety number. */
  async verify(user: UserName, fingerprint: Fingerprint): Promise<void> {
    this.#context.pins.verify(user, fingerprint);
    await this.#pinned();
  }

  /** Stores everything and disconnects. What was not sent yet is sent after the next start. */
  close(): Promise<void> {
    this.#uplink.close();
    this.#prekeys.disconnected();
    this.#closing ??= this.#saver.close(() => this.#rooms.close(new ClientError('closed', 'The client was closed.')));
    return this.#closing;
  }

  async #pinned(): Promise<void> {
    for (const session of this.#rooms) session.reviewIdentities();
    await this.#saver.save();
  }

  /** Called back only once the connection has been asked for: all parts are there by then. */
  #handlers(): UplinkHandlers {
    return {
      push: (push) => this.#router.push(push),
      online: () => this.#router.online(),
      offline: (reason, retryInMs) => this.#router.offline(reason, retryInMs),
      refused: (code, reason) => this.#router.refused(code, reason),
      certified: (certified) => {
        this.#certified = certified;
        this.#saver.saveSoon();
      },
    };
  }

  #require(name: RoomName): RoomSession {
    const session = this.#rooms.find(name);
    if (session?.ownMembership.open === true) return session;
    throw session?.ownMembership.exclusion ?? notJoined(name);
  }

  #snapshot(): Stored {
    const rooms = Object.fromEntries([...this.#rooms].map((session) => [session.roomId, session.stored]));
    return {
      v: 2,
      certified: this.#certified,
      pins: this.#context.pins.toJSON(),
      prekeys: this.#prekeys.stored,
      seenPrekeys: this.#directory.toJSON(),
      knocked: this.#invitations.toJSON(),
      rooms,
    };
  }
}
