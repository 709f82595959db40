/** The joined rooms of one client, and what reaches all of them: pushes, connections, losses. */
import type { Push, RoomId, RoomName } from '@chat/protocol';
import { type ClientContext, explain } from './context.ts';
import { ClientError } from './errors.ts';
import { RoomSession } from './room-session.ts';
import type { StoredRoom } from './stored.ts';

export class RoomSet {
  readonly #context: ClientContext;
  readonly #sessions = new Map<RoomId, RoomSession>();
  /** Rooms that are being created or joined, by name. */
  readonly #entering = new Map<RoomName, Promise<unknown>>();

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

  /** Creates and joins of one name, one after another: the second may find the room that the first has entered. */
  async once<T>(name: RoomName, enter: () => Promise<T>): Promise<T> {
    const before = this.#entering.get(name) ?? Promise.resolve();
    const entering = before.catch(() => undefined).then(enter);
    this.#entering.set(name, entering);
    try {
      return await entering;
    } finally {
      if (this.#entering.get(name) === entering) this.#entering.delete(name);
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
    this.#sessions.delete(session.room);
    session.end(new ClientError('not-joined', 'You are not in this room any more.'));
    this.#context.saveSoon();
  }

  route(push: Push): void {
    if (!('room' in push)) return;
    const session = this.#sessions.get(push.room);
    if (push.push === 'entry') session?.receive({ seq: push.seq, at: push.at, entry: push.entry });
    else if (push.push === 'stub') session?.receive({ seq: push.seq, hash: push.hash });
    else if (push.push === 'caught-up') session?.caughtUp(push.head);
    else session?.presence(push.user, push.online);
  }

  connected(): void {
    for (const session of this.#sessions.values()) if (!session.removed) void this.#subscribe(session);
  }

  disconnected(): void {
    for (const session of this.#sessions.values()) session.disconnected();
  }

  close(error: Error): void {
    for (const session of this.#sessions.values()) session.close(error);
  }

  #add(stored: StoredRoom): RoomSession {
    const session = new RoomSession(this.#context, stored);
    this.#sessions.set(session.room, session);
    return session;
  }

  async #subscribe(session: RoomSession): Promise<void> {
    try {
      await session.subscribe();
    } catch (error) {
      const { code, reason } = explain(error);
      if (code === 'unreachable' || code === 'offline') return;
      const denied = code === 'not-a-member' || code === 'removed' || code === 'unknown-room';
      // A join that never arrived: there is nothing to lose. Anything else is kept, whatever the server says.
      if (denied && session.state.head.seq === 0) return this.forget(session);
      if (code === 'removed') session.shutOut();
      const { name } = session.stored;
      const what = code === 'removed' ? `you were removed from ${name}` : `you are not in ${name}`;
      const why = denied ? `The server says that ${what}. What you have of it is kept; /leave erases it.` : reason;
      this.#context.emit({ kind: 'trouble', code, reason: why });
    }
  }
}
