/** The client of one user: the user's rooms, over a connection that is opened again after every loss. */
import type { Fingerprint, Policy, Role, RoomName, RoomSummary, UserName } from '@chat/protocol';
import type { ClientAttention } from './attention/client-attention.ts';
import type { BegunRenewal, ChatClientOptions } from './client-options.ts';
import { type ClientParts, createParts } from './client-parts.ts';
import { accessRevoked, type Explanation, notJoined } from './errors.ts';
import { type ClientListener, Listeners } from './events.ts';
import type { ClientFiles } from './files/client-files.ts';
import { fingerprintOfLog } from './freshness/log-fingerprint.ts';
import type { ChangedIdentity } from './identity/pins.ts';
import { giveRole, removeMember } from './membership/decide.ts';
import { decline } from './membership/decline.ts';
import { openDirect } from './membership/direct.ts';
import { dismissKnock, invite, knocksAt } from './membership/invite.ts';
import { createRoom, joinRoom, openPolicy } from './membership/join.ts';
import { listRooms } from './membership/room-list.ts';
import { identityOf, safetyNumberWith } from './membership/safety-number.ts';
import type { ClientMessages } from './messages/client-messages.ts';
import { sayText, type TextOptions } from './messages/saying.ts';
import type { ClientRecovery } from './recovery/client-recovery.ts';
import { leaveRoom } from './room/leave.ts';
import type { InvitationView, KnockView, LogFingerprint, RoomView, SafetyNumber } from './view.ts';

/** The client of one user at one server. */
export class ChatClient {
  readonly user: UserName;
  /** Fingerprint of the user's identity key. */
  readonly fingerprint: Fingerprint;
  /** How a renewal of the identity key stands that an earlier run has begun; null if there is none, or it was finished before. */
  readonly begunRenewal: BegunRenewal | null;
  /** The messages that were read, and the files that they send. */
  readonly messages: ClientMessages;
  /** What the user has read, and what notifies. */
  readonly attention: ClientAttention;
  readonly files: ClientFiles;
  /** The recovery phrase, and the backups that it opens. */
  readonly recovery: Pick<ClientRecovery, 'state' | 'backUp' | 'end'>;
  readonly #parts: ClientParts;
  readonly #listeners = new Listeners();
  #closing: Promise<void> | null = null;

  constructor(options: ChatClientOptions) {
    this.user = options.user;
    this.fingerprint = options.signer.fingerprint;
    this.begunRenewal = options.begunRenewal ?? null;
    this.#parts = createParts(options, (event) => this.#listeners.emit(event));
    this.messages = this.#parts.messages;
    this.attention = this.#parts.attention;
    this.files = this.#parts.files;
    this.recovery = this.#parts.recovery;
  }

  /** True while the client is connected and logged in. */
  get online(): boolean {
    return this.#parts.uplink.online;
  }

  /** Calls `listener` with every event from now on. Returns a function that ends the subscription. */
  subscribe(listener: ClientListener): () => void {
    return this.#listeners.add(listener);
  }

  /** Why the server refuses this identity, so that the client does not connect by itself; null while it does not. */
  get refusal(): Explanation | null {
    return this.#parts.uplink.refusal;
  }

  /**
   * Connects and logs in. After a success the client reconnects by itself.
   *
   * @param options `replaceOthers` ends the use of this profile elsewhere, after a `used-elsewhere`
   * @throws ClientError `unreachable`, `too-many-files`, `wrong-authority`, `clock-skew`, `certificate-refused`, `not-a-chat-server`, `timed-out`
   * @throws ProtocolError the server's refusal: `login-refused`, `used-elsewhere`, `access-revoked`, ...
   */
  async connect({ replaceOthers = false }: { readonly replaceOthers?: boolean } = {}): Promise<void> {
    if (replaceOthers) this.#parts.replaceOthers();
    await this.#parts.uplink.start();
    await this.#parts.router.resumed;
  }

  /** Connects as often as it takes, and reconnects after every loss. The outbox takes messages meanwhile. */
  keepConnecting(): void {
    this.#parts.uplink.keepTrying();
  }

  /** Returns the joined rooms, ordered by name. */
  rooms(): readonly RoomView[] {
    return [...this.#parts.rooms].map((room) => room.view()).sort((a, b) => (a.roomName < b.roomName ? -1 : 1));
  }

  /** Returns one joined room; null if there is none of this name. */
  room(roomName: RoomName): RoomView | null {
    return this.#parts.rooms.find(roomName)?.view() ?? null;
  }

  /** Lists all open rooms of the server, and those that the user is a member of or invited to. */
  listRooms(): Promise<readonly RoomSummary[]> {
    return listRooms(this.#parts.context);
  }

  /**
   * Creates a room with this user as its first member and owner. Resolves when the room has a key.
   *
   * @param policy it cannot be changed. Default: every user may join, and newcomers can read what is sent after their join
   * @throws ProtocolError `room-name-taken`
   */
  async createRoom(roomName: RoomName, policy: Policy = openPolicy): Promise<RoomView> {
    const create = () => createRoom(this.#parts.context, this.#parts.rooms, { roomName, policy });
    return (await this.#parts.rooms.inTurn(roomName, create)).view();
  }

  /**
   * Joins a room by its name; returns a joined room as it is. Resolves when the membership is on the log; the key follows (event `ready`).
   *
   * @throws ProtocolError `unknown-room`, `removed`, `access-revoked`
   * @throws ClientError `not-invited` (see `knock`), `wrong-room`, `timed-out`
   */
  async joinRoom(roomName: RoomName): Promise<RoomView> {
    const { context, invitations, rooms } = this.#parts;
    const session = await rooms.inTurn(roomName, () => joinRoom(context, rooms, roomName));
    invitations.ended(session.roomId);
    return session.view();
  }

  /**
   * Asks the members of a room for an invitation. Once one invites the user, also after restarts, the client joins by itself.
   *
   * @throws ProtocolError `unknown-room` (also for a direct room of others), `removed`, `entry-refused` (open room), `already-a-member`, `limit-reached`
   */
  async knock(roomName: RoomName): Promise<void> {
    await this.#parts.invitations.knock(roomName);
  }

  /**
   * Declines the user's invitation to a room: it ends, and the members see that.
   *
   * @throws ProtocolError `unknown-room`
   * @throws ClientError `not-invited`, `offline`
   */
  async decline(roomName: RoomName): Promise<void> {
    const { context, invitations, rooms } = this.#parts;
    await rooms.inTurn(roomName, async () => invitations.ended(await decline(context, roomName)));
  }

  /** Lists the rooms that the user is invited to and has not joined. */
  invitations(): Promise<readonly InvitationView[]> {
    return this.#parts.invitations.list();
  }

  /** Lists the users who ask to be invited into a room, without knocks that they have not signed. @throws ClientError `not-joined` */
  async knocks(roomName: RoomName): Promise<readonly KnockView[]> {
    return knocksAt(this.#parts.context, this.#parts.rooms.requireActive(roomName));
  }

  /**
   * Dismisses the knock of a user. The user may knock again after a day, and learns until then only that the knock waits.
   *
   * @throws ClientError `not-joined`
   * @throws ProtocolError `no-knock`
   */
  async dismissKnock(roomName: RoomName, user: UserName): Promise<void> {
    await dismissKnock(this.#parts.context, this.#parts.rooms.requireActive(roomName).roomId, user);
  }

  /**
   * Invites a user: the user can read what is sent from here on, even if they join much later. Resolves when the log shows it.
   *
   * @param expected.fingerprint the identity key that the user must have, if the local user saw it in a knock
   * @throws ClientError `not-joined`, `unknown-user`, `identity-changed`, `not-delivered`, `timed-out`
   * @throws RoomError `already-invited`, `already-a-member`, `not-verified` (the room requires verified identities), `not-allowed`, `room-full`
   * @throws ProtocolError `removed`, `access-revoked`, `room-full`
   */
  async invite(roomName: RoomName, user: UserName, expected: { fingerprint?: Fingerprint } = {}): Promise<void> {
    await invite(this.#parts.context, this.#parts.rooms.requireActive(roomName), user, expected.fingerprint ?? null);
  }

  /**
   * Returns the direct room with another user; opens it if there is none. The user reads what is sent when they connect.
   *
   * @throws ClientError `unknown-user`, `identity-changed`, `wrong-room`; `timed-out` also while the room has an earlier key of the user
   * @throws RoomError `not-allowed` if the user is the local user
   */
  async openDirect(user: UserName): Promise<RoomView> {
    return (await openDirect(this.#parts.context, this.#parts.rooms, user)).view();
  }

  /**
   * Leaves a room and erases what is stored of it. If the answer is lost, the client asks again on every connection, over restarts too.
   *
   * @throws ClientError `not-joined`, `offline`; `not-erased`: the user is out, and files may still have messages of the room
   */
  async leaveRoom(roomName: RoomName): Promise<void> {
    await this.#parts.rooms.inTurn(roomName, async () => {
      const session = this.#parts.rooms.find(roomName);
      if (session?.ownMembership.mayLeave !== true) throw notJoined(roomName);
      await leaveRoom(this.#parts.context, this.#parts.rooms, session);
    });
  }

  /**
   * Removes a member, who can join again only after a readmission (`giveRole` with `member`), or withdraws an invitation. Resolves when the log shows it.
   *
   * @throws ClientError `not-joined`, `offline`, `not-delivered`, `timed-out`
   * @throws RoomError `unknown-member`, `not-allowed`
   */
  async removeMember(roomName: RoomName, user: UserName): Promise<void> {
    await removeMember(this.#parts.context, this.#parts.rooms.requireActive(roomName), user);
  }

  /**
   * Gives a member a role: with `owner` the local user becomes a moderator, with `member` a removed user may join again. Throws as `removeMember`.
   */
  async giveRole(roomName: RoomName, user: UserName, role: Role): Promise<void> {
    await giveRole(this.#parts.context, this.#parts.rooms.requireActive(roomName), user, role);
  }

  /**
   * Sends a message. Resolves with its position when it is on the server's log. Until then, also over restarts, it waits in the outbox.
   * `messages` has the functions that edit, delete and hide messages, and react to them.
   *
   * @throws ClientError at once: `not-joined`, `identity-changed`, `unknown-message`; later: ClientError `not-delivered`
   * @throws RoomError `message-too-long`, `nothing-to-say`, at once
   */
  async send(roomName: RoomName, text: string, options: TextOptions = {}): Promise<{ readonly seq: number }> {
    // What refuses a message does not count for one that was sent before.
    const sent = this.#parts.rooms.withMessage(options.cid);
    if (sent !== null) return sent.outbox.send(text, options);
    if (this.refusal?.code === 'access-revoked') throw accessRevoked();
    return sayText(this.#parts.rooms.requireActive(roomName), text, options);
  }

  /** Returns the users in the rooms whose identity key differs from their pin. */
  changedIdentities(): readonly ChangedIdentity[] {
    return [...this.#parts.rooms].flatMap((session) => session.changedIdentities);
  }

  /** Returns a user whom this client knows, or the local user, whose name looks like this other one; null if there is none. */
  lookAlike(user: UserName): UserName | null {
    return this.#parts.context.pins.lookAlike(user, this.user);
  }

  /** Returns the users whom this client knows: it has pinned their identity keys. */
  knownUsers(): readonly UserName[] {
    return [...this.#parts.context.pins.stored].map(([user]) => user);
  }

  /** Pins this key for a user, and resumes the rooms that waited for that. */
  async trust(user: UserName, fingerprint: Fingerprint): Promise<void> {
    this.#parts.context.pins.trust(user, fingerprint);
    await this.#pinsChanged();
  }

  /**
   * Returns the safety number to compare with another user, over a channel that the server has no part in. If a room shows a
   * changed identity of that user, the number is for the changed key.
   *
   * @throws ClientError `unknown-user`
   */
  async safetyNumber(user: UserName): Promise<SafetyNumber> {
    return safetyNumberWith(this.#parts.context, await identityOf(this.#parts.context, this.#parts.rooms, user));
  }

  /**
   * Returns the fingerprint of a room's log, which members compare outside this chat: the same exactly if they have read the same log.
   *
   * @param seq one of the latest 512 positions. Default: the latest
   * @throws ClientError `not-joined`, `unknown-position`
   */
  logFingerprint(roomName: RoomName, seq?: number): LogFingerprint {
    return fingerprintOfLog(this.#parts.rooms.requireActive(roomName).state, seq);
  }

  /** Pins this key for a user as verified, because both users have found the same safety number. */
  async verify(user: UserName, fingerprint: Fingerprint): Promise<void> {
    this.#parts.context.pins.verify(user, fingerprint);
    await this.#pinsChanged();
  }

  /** True while a room that is not `denied`, or one with an invitation, lacks the user's renewed key. Nothing can be sent there. Ends with `renewal-complete`. */
  get isRenewingKey(): boolean {
    return this.#parts.isRenewingOwn();
  }

  /** Makes the last backup if one is due, stores everything and disconnects. The outbox is sent after the next start. */
  close(): Promise<void> {
    this.#closing ??= this.#parts.recovery.finish()?.then(() => this.#close()) ?? this.#close();
    return this.#closing;
  }

  #close(): Promise<void> {
    this.#parts.uplink.close();
    this.#parts.router.closed();
    return this.#parts.close();
  }

  async #pinsChanged(): Promise<void> {
    for (const session of this.#parts.rooms) session.reviewIdentities();
    await this.#parts.saver.save();
  }
}
