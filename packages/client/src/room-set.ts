/** The joined rooms of one client, and what reaches all of them: pushes, connections, losses. */
import type { Push, RoomId, RoomName } from '@chat/protocol';
import { type ClientContext, explain } from './context.ts';
import { ClientError } from './errors.ts';
import { RoomSession } from './room-session.ts';
import type { StoredRoom } from './stored.ts';

export class RoomSet {
  readonly #context: ClientContext;
  readonly #sessions = new Map<RoomId, RoomSession>();

  constructor(context: ClientContext, stored: readonly StoredRoom[]) {
    this.#context = context;
    for (const room of stored) this.adopt(room);
  }

  [Symbol.iterator](): Iterator<RoomSession> {
    return this.#sessions.values();
  }

  find(name: RoomName): RoomSession | undefined {
    return [...this.#sessions.values()].find((session) => session.stored.name === name);
  }

  adopt(stored: StoredRoom): RoomSession {
    const session = new RoomSession(this.#context, stored);
    this.#sessions.set(session.room, session);
    return session;
  }

  forget(session: RoomSession): void {
    this.#sessions.delete(session.room);
    session.close(new ClientError('not-joined', 'You are not in this room any more.'));
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
    for (const session of this.#sessions.values()) void this.#subscribe(session);
  }

  disconnected(): void {
    for (const session of this.#sessions.values()) session.disconnected();
  }

  close(error: Error): void {
    for (const session of this.#sessions.values()) session.close(error);
  }

  async #subscribe(session: RoomSession): Promise<void> {
    try {
      await session.subscribe();
    } catch (error) {
      const { code, reason } = explain(error);
      // Left from elsewhere, or a join that never arrived.
      if (code === 'not-a-member' || code === 'unknown-room') this.forget(session);
      if (code !== 'unreachable' && code !== 'closed') this.#context.emit({ kind: 'trouble', code, reason });
    }
  }
}
