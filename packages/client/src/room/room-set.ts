/** The joined rooms of one client, and what reaches all of them: pushes, connections, losses. */
import type { Push, RoomId, RoomName, UserName } from '@chat/protocol';
import { type ClientContext, explain, isDisconnection } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { StoredRoom } from '../storage/stored-state.ts';
import { resumeLeaving } from './leave.ts';
import { RoomSession } from './room-session.ts';
import { peerOf } from './room-view.ts';

export class RoomSet {
  readonly #context: ClientContext;
  readonly #sessions = new Map<RoomId, RoomSession>();
  /** What is being done about rooms, by name: creating, joining, leaving. */
  readonly #turns = new Map<RoomName, Promise<unknown>>();
  /** Rooms that the server is being asked to let this user into. */
  readonly #asking = new Set<RoomSession>();

  constructor(context: ClientContext, stored: readonly StoredRoom[]) {
    this.#context = context;
    for (const room of stored) this.#add(room);
  }

  [Symbol.iterator](): Iterator<RoomSession> {
    return this.#sessions.values();
  }

  find(name: RoomName): RoomSession | undefined {
    return [...this.#sessions.values()].find((session) => session.stored.name === name);
  }

  /** The conversation of two with this person, where both are in it or the other is invited. */
  directWith(user: UserName): RoomSession | undefined {
    return [...this.#sessions.values()].find((session) => session.ownMembership.open && peerOf(session.state) === user);
  }

  /** Whether every room that can be was read up to its end, with its keys. */
  get settled(): boolean {
    return [...this.#sessions.values()].every(
      ({ settled, ownMembership: standing }) => settled || standing.removed || standing.denied || standing.refused,
    );
  }

  /** Creates, joins and leaves of one name, one after another: the second may find the room that the first has entered. */
  async once<T>(name: RoomName, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(work);
    this.#turns.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    }
  }

  /** Makes the request that lets this user into a room: until it is answered, nobody else asks for the room's log. */
  async ask(session: RoomSession, request: () => Promise<unknown>): Promise<void> {
    this.#asking.add(session);
    try {
      await request();
    } finally {
      this.#asking.delete(session);
    }
  }

  /** The room's session. One that is there already stays as it is, its keys and its place on the log with it. */
  adopt(stored: StoredRoom): RoomSession {
    return this.#sessions.get(stored.state.room) ?? this.#add(stored);
  }

  /** Begins a room's session again from other beginnings. */
  replace(session: RoomSession, stored: StoredRoom): RoomSession {
    this.forget(session);
    return this.#add(stored);
  }

  /** Erases all that is kept of a room. */
  forget(session: RoomSession): void {
    if (this.#sessions.get(session.roomId) === session) this.#sessions.delete(session.roomId);
    session.end(new ClientError('not-joined', 'You are not in this room any more.'));
    this.#context.saveSoon();
  }

  route(push: Push): void {
    const session = 'room' in push ? this.#sessions.get(push.room) : undefined;
    if (push.push === 'entry') session?.receive({ seq: push.seq, at: push.at, entry: push.entry });
    else if (push.push === 'stub') session?.receive({ seq: push.seq, hash: push.hash });
    else if (push.push === 'caught-up') session?.caughtUp(push.head);
    else if (push.push === 'presence') session?.presence(push.user, push.online);
    else if (push.push === 'knock') session?.knocked(push.knock);
    else if (push.push === 'key-asked') session?.keyAsked(push.number, push.user);
    else if (push.push === 'key-given') session?.keyGiven(push.number);
  }

  connected(): void {
    for (const session of this.#sessions.values()) {
      if (this.#asking.has(session) || (session.ownMembership.removed && !session.ownMembership.leaving)) continue;
      void this.#subscribe(session);
    }
  }

  disconnected(): void {
    for (const session of this.#sessions.values()) session.disconnected();
  }

  close(error: Error): void {
    for (const session of this.#sessions.values()) session.close(error);
  }

  #add(stored: StoredRoom): RoomSession {
    const session = new RoomSession(this.#context, stored);
    this.#sessions.set(session.roomId, session);
    return session;
  }

  async #subscribe(session: RoomSession): Promise<void> {
    try {
      await session.subscribe();
    } catch (error) {
      if (!isDisconnection(error)) this.#denied(session, error);
    }
    if (session.ownMembership.leaving) void resumeLeaving(this.#context, this, session);
  }

  #denied(session: RoomSession, error: unknown): void {
    const { code, reason } = explain(error);
    const denied = code === 'not-a-member' || code === 'removed' || code === 'unknown-room';
    // A join that never arrived: there is nothing to lose. Anything else is kept, whatever the server says.
    const isEmpty = session.state.head.seq === 0 && !session.ownMembership.rereading;
    if (denied && isEmpty) {
      this.forget(session);
      return;
    }
    if (denied) session.accessDenied(code === 'removed' ? 'removed' : 'not-a-member');
    if (denied && session.ownMembership.leaving) return;
    const { roomName: name } = session;
    const what = code === 'removed' ? `you were removed from ${name}` : `you are not in ${name}`;
    const why = denied ? `The server says that ${what}. What you have of it is kept; /leave erases it.` : reason;
    this.#context.emit({ kind: 'trouble', code, reason: why });
  }
}
