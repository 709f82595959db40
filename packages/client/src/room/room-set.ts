/**
 * Holds the rooms of one client, subscribes to them after each login, and runs creating, joining and leaving of one name in
 * turn.
 */
import type { RoomId, RoomName, UserName } from '@chat/protocol';
import { isPresent, withAuthorities } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError, explain, isDisconnection, notJoined } from '../errors.ts';
import type { UnsettledRoom } from '../keys/unsettled-rooms.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import { nameOfSecondReading } from './history-replay.ts';
import { resumeLeaving } from './leave.ts';
import { RoomSession } from './room-session.ts';

/** The pauses between requests for the log of a room of which the server says that the user is no member. */
const firstRetryDelayMs = 2_000;
const longestRetryDelayMs = 60_000;
/**
 * The client reports that the server has lost the user's membership after this time. After a restore from a backup another member
 * gives the join back sooner, when that member connects.
 */
const lostMembershipMs = 5_000;

/** The rooms of one client. */
export class RoomSet {
  readonly #context: ClientContext;
  readonly #sessions = new Map<RoomId, RoomSession>();
  /** The latest work on each room name: creating, joining, leaving. */
  readonly #turns = new Map<RoomName, Promise<unknown>>();
  /** Changes with each connection and each loss of it. */
  #connections = 0;
  /** Rooms to which the server has denied access on this connection: each is reported once. */
  readonly #denied = new Set<RoomSession>();
  /** Since when the server does not know the user as a member of a room, over all connections. */
  readonly #lostSince = new WeakMap<RoomSession, number>();
  /** Rooms whose deletion was reported. */
  readonly #deleted = new Set<RoomId>();
  /** Rooms that the client is creating or joining. */
  readonly #entering = new Set<RoomSession>();

  constructor(context: ClientContext, stored: readonly StoredRoom[]) {
    this.#context = context;
    for (const room of stored) this.#add(room);
  }

  [Symbol.iterator](): Iterator<RoomSession> {
    return this.#sessions.values();
  }

  get(roomId: RoomId): RoomSession | null {
    return this.#sessions.get(roomId) ?? null;
  }

  find(roomName: RoomName): RoomSession | null {
    return [...this].find((session) => session.stored.name === roomName) ?? null;
  }

  /**
   * Returns the room where a message with this id of its sender waits or is on the log, for as long as that is remembered; null if there is none. It
   * may be the direct room that has replaced the one to which it was sent.
   */
  withMessage(givenId: string | undefined): RoomSession | null {
    if (givenId === undefined) return null;
    return [...this].find(({ outbox }) => outbox.knows(givenId)) ?? null;
  }

  /** Returns a room that the user is in. @throws ClientError `not-joined`, or why the user is not in it any more */
  requireActive(roomName: RoomName): RoomSession {
    const session = this.find(roomName);
    if (session?.ownMembership.isActive === true) return session;
    throw session?.ownMembership.exclusion ?? notJoined(roomName);
  }

  /** Returns the direct room with this user, who may have left it; the latest one if there are several, and null if there is none. */
  directWith(user: UserName): RoomSession | null {
    return [...this].findLast(({ ownMembership, stored }) => ownMembership.isActive && stored.peer === user) ?? null;
  }

  /** The accessible rooms that were not read up to their end, with their keys. */
  get unsettled(): readonly UnsettledRoom[] {
    return [...this].flatMap(({ roomName, lacks, ownMembership }) => {
      const { isRemoved, isDenied, isOtherRoom, hasLeft } = ownMembership;
      return lacks === null || isRemoved || isDenied || isOtherRoom || hasLeft ? [] : [{ roomName, lacks }];
    });
  }

  /** True while a room lacks the user's renewed identity key. One that the server denies may stay without it for good, and does not count. */
  get lackOwnKey(): boolean {
    return [...this].some(
      ({ ownMembership: { isActive, isDenied }, isOwnKeyCurrent }) => isActive && !isDenied && !isOwnKeyCurrent,
    );
  }

  /** Lets all rooms verify `revoke` entries with these keys, oldest first, and renewals of identity keys at this server. */
  knowAuthorities({ keys, serverId }: Pick<ClientContext['authority'], 'keys' | 'serverId'>): void {
    const rooms = [...this].filter(
      ({ state }) => state.authorities.join(' ') !== keys.join(' ') || state.serverId !== serverId,
    );
    for (const session of rooms) session.keep({ state: withAuthorities(session.state, keys, serverId) });
    if (rooms.length > 0) this.#context.saveSoon();
  }

  /** Runs the work on one room name after the work before: a second join, for example, finds the room that the first has joined. */
  async inTurn<T>(roomName: RoomName, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(roomName) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(roomName, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(roomName) === turn) this.#turns.delete(roomName);
    }
  }

  /** Runs the request that makes the user a member. Until it is answered, a new connection does not subscribe to the room. */
  async entering(session: RoomSession, request: () => Promise<unknown>): Promise<void> {
    this.#entering.add(session);
    try {
      await request();
    } finally {
      this.#entering.delete(session);
    }
  }

  /** Adds a room. If it is there already, its session stays as it is, with its keys and its position. */
  adopt(stored: StoredRoom): RoomSession {
    return this.#sessions.get(stored.state.room) ?? this.#add(stored);
  }

  /** Replaces a room's session by one from another stored state. The messages stay. */
  replace(session: RoomSession, stored: StoredRoom): RoomSession {
    this.#remove(session);
    return this.#add(stored);
  }

  /** Erases everything stored of a room, with its messages. Only for a leave that the user has asked for. */
  forget(session: RoomSession): void {
    const { roomId } = session;
    const { messages } = this.#context;
    this.#remove(session);
    // Another session may be of the same room.
    if (!this.#sessions.has(roomId)) for (const name of [roomId, nameOfSecondReading(roomId)]) messages.forget(name);
  }

  /**
   * Gives up a room that the client could not enter. What was stored of it before comes back, and its messages stay in any case.
   *
   * @param code that of the server's refusal. Default: none
   */
  giveUp(session: RoomSession, code?: string): void {
    const restored = this.#restore(session);
    if (restored === null) return;
    const isRemoved = code === 'removed' || restored.ownMembership.isRemoved;
    restored.accessDenied(isRemoved ? 'removed' : 'not-a-member');
  }

  /** Keeps a room that the client has left without the user's wish: to be read, until the user leaves it. */
  keepLeft(session: RoomSession): void {
    session.disconnected();
    session.keep({ leaving: undefined, left: true, before: undefined });
    session.conditions.check();
  }

  /** Takes the server's word that its operator has deleted a room: what waits there is given back, and the room is kept to be read. */
  deleted(session: RoomSession): void {
    const { roomId, roomName, ownMembership } = session;
    session.disconnected();
    session.accessDenied('deleted');
    session.conditions.check();
    if (ownMembership.isLeaving || this.#deleted.has(roomId)) return;
    this.#deleted.add(roomId);
    this.#context.emit({ kind: 'room-deleted', roomId, roomName });
  }

  /** To be called after each login. */
  connected(): void {
    this.#connections += 1;
    this.#denied.clear();
    for (const session of this) this.#follow(session);
  }

  /** Subscribes to a room, unless nothing is to be expected of it. */
  #follow(session: RoomSession): void {
    const { isRemoved, isLeaving, hasLeft } = session.ownMembership;
    if (this.#entering.has(session) || ((isRemoved || hasLeft) && !isLeaving)) return;
    void this.#subscribe(session);
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#connections += 1;
    for (const session of this) session.disconnected();
  }

  /** Closes all sessions. To be called when the client closes. */
  close(error: Error): void {
    for (const session of this) session.close(error);
  }

  /** Erases everything stored of a room but its messages. */
  #remove(session: RoomSession): void {
    if (this.#sessions.get(session.roomId) === session) this.#sessions.delete(session.roomId);
    session.end(new ClientError('not-joined', 'You are not in this room any more.'));
    this.#context.archive.erase(session.roomId);
    this.#context.saveSoon();
  }

  /** Puts back what was stored of a room before the client has begun to join it; returns null if there was nothing. */
  #restore(session: RoomSession): RoomSession | null {
    const { before, state } = session.stored;
    this.#remove(session);
    if (before === undefined) return null;
    return this.#add({ ...before, state: withAuthorities(before.state, state.authorities, state.serverId ?? '') });
  }

  #add(stored: StoredRoom): RoomSession {
    if (stored.state.head.seq === 0) this.#context.incoming.entered(stored.state.room);
    const session = new RoomSession(this.#context, stored);
    this.#sessions.set(session.roomId, session);
    return session;
  }

  /** @param attempt counts the attempts on this connection */
  async #subscribe(session: RoomSession, attempt = 1): Promise<void> {
    try {
      await session.subscribe();
      this.#lostSince.delete(session);
    } catch (error) {
      if (!isDisconnection(error)) await this.#subscribeFailed(session, error, attempt);
    }
    if (session.ownMembership.isLeaving) void resumeLeaving(this.#context, this, session);
  }

  async #subscribeFailed(session: RoomSession, error: unknown, attempt: number): Promise<void> {
    // The server refused before it got the join that is under way. `enter` subscribes after it.
    if (this.#entering.has(session)) return;
    const { code, reason } = explain(error);
    const reaction = reactionTo('read', error);
    if (reaction !== 'give-up') {
      if (attempt === 1 && reaction !== 'retry') this.#context.emit({ kind: 'trouble', code, reason });
      this.#askAgain(session, attempt + 1);
      return;
    }
    const { ownMembership, roomName } = session;
    // The join never reached the server. Nothing is erased for that, nor for anything else that the server says.
    if (session.state.head.seq === 0 && !ownMembership.isRereading) {
      const restored = this.#restore(session);
      if (restored !== null) this.#follow(restored);
      return;
    }
    if (code === 'room-deleted') return this.deleted(session);
    const connection = this.#connections;
    const isLost = code !== 'removed' && isPresent(session.state);
    if (isLost && attempt === 1 && (await session.recovery.recoverUnknown()) === 'recovered') {
      return this.#subscribe(session, attempt + 1);
    }
    if (connection !== this.#connections) return;
    session.accessDenied(code === 'removed' ? 'removed' : 'not-a-member');
    if (ownMembership.isLeaving) return;
    if (isLost) this.#askAgain(session, attempt + 1);
    if (this.#denied.has(session) || (isLost && !this.#isLostForLong(session))) return;
    this.#denied.add(session);
    const what = code === 'removed' ? `you were removed from ${roomName}` : `you are not in ${roomName}`;
    const kept = `The server says that ${what}. What is stored of it here is kept; /leave erases it.`;
    this.#context.emit({ kind: 'trouble', code, reason: kept });
  }

  #isLostForLong(session: RoomSession): boolean {
    const now = this.#context.scheduler.now();
    const since = this.#lostSince.get(session) ?? now;
    this.#lostSince.set(session, since);
    return Math.abs(now - since) >= lostMembershipMs;
  }

  /**
   * After a denial the server may have been restored from a backup, and a member who was in the room before may give back this user's
   * join. After another failure the log is asked for until it comes.
   */
  #askAgain(session: RoomSession, attempt: number): void {
    const connection = this.#connections;
    const delayMs = Math.min(longestRetryDelayMs, firstRetryDelayMs * 2 ** (attempt - 2));
    this.#context.scheduler.after(delayMs, () => {
      const isOpen = this.#sessions.get(session.roomId) === session && !session.ownMembership.isRemoved;
      if (isOpen && connection === this.#connections) void this.#subscribe(session, attempt);
    });
  }
}
