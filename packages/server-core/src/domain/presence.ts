/** Presence in a room: the users who follow it, each once, in the order of their arrival. */
import type { UserName } from '@chat/protocol';

/** Counts the connections of each user who follows a room. */
export class Presence {
  // A Map keeps the order of insertion, and a new count for a known user does not move the user.
  readonly #connections = new Map<UserName, number>();

  /** Users who are present, the longest present first. */
  get online(): UserName[] {
    return [...this.#connections.keys()];
  }

  /** Returns the number of other users who are present. */
  othersThan(user: UserName): number {
    return this.#connections.size - (this.#connections.has(user) ? 1 : 0);
  }

  /** Adds a connection and returns whether it is the user's first. */
  arrive(user: UserName): boolean {
    const count = this.#connections.get(user) ?? 0;
    this.#connections.set(user, count + 1);
    return count === 0;
  }

  /** Removes a connection and returns whether it was the user's last. */
  depart(user: UserName): boolean {
    const count = this.#connections.get(user) ?? 0;
    if (count > 1) {
      this.#connections.set(user, count - 1);
      return false;
    }
    return this.#connections.delete(user);
  }
}
