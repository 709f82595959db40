/** The sessions that are open: counted by user, and ended together. */
import type { UserName } from '@chat/protocol';

export interface Session {
  /** Takes no more requests, and resolves when those that came are answered. */
  drain(): Promise<void>;
  /** Says that the server stops, and closes. */
  stop(): void;
}

export class Sessions {
  readonly #open = new Set<Session>();
  readonly #connections = new Map<UserName, number>();
  #loggedIn = 0;
  #emptied: (() => void) | null = null;

  get loggedIn(): number {
    return this.#loggedIn;
  }

  add(session: Session): void {
    this.#open.add(session);
  }

  delete(session: Session): void {
    this.#open.delete(session);
    if (this.#open.size === 0) this.#emptied?.();
  }

  /** One more connection of this user, unless they have that many already. */
  enter(user: UserName, most: number): boolean {
    const count = this.#connections.get(user) ?? 0;
    if (count >= most) return false;
    this.#connections.set(user, count + 1);
    this.#loggedIn += 1;
    return true;
  }

  /** One connection less. */
  leave(user: UserName): void {
    const count = this.#connections.get(user) ?? 0;
    if (count > 1) this.#connections.set(user, count - 1);
    else this.#connections.delete(user);
    this.#loggedIn -= 1;
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
