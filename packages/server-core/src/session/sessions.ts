/** The sessions that are open: counted by user and by the host that they come from, and ended together. */
import type { Push, UserName } from '@chat/protocol';
import { Tally } from '../throttle/tally.ts';

export interface Session {
  /** Takes no more requests, and resolves when those that came are answered. */
  drain(): Promise<void>;
  /** Says that the server stops, and closes. */
  stop(): void;
}

/** A session that somebody has logged in to. */
export interface UserSession extends Session {
  /** When the client was last heard of, in milliseconds. */
  readonly heardAt: number;
  tell(push: Push): void;
  /** Ends in favour of another one of the same user. */
  giveWay(): void;
  /** Says that their access was taken away, and closes. */
  revoke(): void;
}

export class Sessions {
  readonly #open = new Set<Session>();
  readonly #users = new Map<UserName, Set<UserSession>>();
  readonly #hosts = new Tally();
  #emptied: (() => void) | null = null;

  /** Sessions that somebody has logged in to. */
  get loggedIn(): number {
    return this.#hosts.total;
  }

  /** Those from one host. */
  loggedInFrom(host: string): number {
    return this.#hosts.count(host);
  }

  add(session: Session): void {
    this.#open.add(session);
  }

  delete(session: Session): void {
    this.#open.delete(session);
    if (this.#open.size === 0) this.#emptied?.();
  }

  /** One more session of this user. When they have that many already, the one that is idle the longest gives way. */
  enter(session: UserSession, user: UserName, host: string, most: number): void {
    const own = this.#users.get(user) ?? new Set();
    this.#users.set(user, own);
    if (own.size >= most) {
      const idle = [...own].reduce((least, each) => (each.heardAt < least.heardAt ? each : least));
      own.delete(idle);
      idle.giveWay();
    }
    own.add(session);
    this.#hosts.add(host);
  }

  /** One session less. */
  leave(session: UserSession, user: UserName, host: string): void {
    const own = this.#users.get(user);
    if (own?.delete(session) && own.size === 0) this.#users.delete(user);
    this.#hosts.remove(host);
  }

  /** Sends this to all sessions of this user. */
  tell(user: UserName, push: Push): void {
    for (const session of this.#users.get(user) ?? []) session.tell(push);
  }

  /** Ends the sessions of this user; resolves, with how many they were, when all that they asked for is answered. */
  async revoke(user: UserName): Promise<number> {
    const own = [...(this.#users.get(user) ?? [])];
    this.#users.delete(user);
    for (const session of own) session.revoke();
    await Promise.all(own.map((session) => session.drain()));
    return own.length;
  }

  /** How many sessions this user has. */
  count(user: UserName): number {
    return this.#users.get(user)?.size ?? 0;
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#open].map((session) => session.drain()));
  }

  /** Ends them all; resolves when the last is closed. */
  async stop(): Promise<void> {
    if (this.#open.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const session of this.#open) session.stop();
    await emptied;
  }
}
