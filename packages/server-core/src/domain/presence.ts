/**
 * Presence in a room: the users who follow it, each once, in the order of their arrival. The first of them are named to the others;
 * the rest is only counted, because in a large room the names of all would not fit one answer, nor each arrival reach all others.
 */
import type { UserName } from '@chat/protocol';

/** A user who is named from now on, or no more. */
export interface PresenceChange {
  readonly user: UserName;
  readonly online: boolean;
}

/** Counts the connections of each user who follows a room. */
export class Presence {
  readonly #maxNamed: number;
  readonly #connections = new Map<UserName, number>();
  // A Set keeps the order of insertion.
  readonly #named = new Set<UserName>();
  /** Users who are present and not named. */
  readonly #others = new Set<UserName>();

  /** @param maxNamed number of users who are named */
  constructor(maxNamed: number) {
    this.#maxNamed = maxNamed;
  }

  /** The users who are named, the longest present first. */
  get named(): UserName[] {
    return [...this.#named];
  }

  /** Number of users who are present. */
  get count(): number {
    return this.#connections.size;
  }

  /** Returns the number of other users who are present. */
  othersThan(user: UserName): number {
    return this.#connections.size - (this.#connections.has(user) ? 1 : 0);
  }

  /** Adds a connection. Returns the changes of `named`, in order. */
  arrive(user: UserName): readonly PresenceChange[] {
    const count = this.#connections.get(user) ?? 0;
    this.#connections.set(user, count + 1);
    if (count > 0) return [];
    if (this.#named.size < this.#maxNamed) {
      this.#named.add(user);
      return [{ user, online: true }];
    }
    this.#others.add(user);
    return [];
  }

  /** Removes a connection. Returns the changes of `named`, in order: who is present the longest takes the place of a user who was named. */
  depart(user: UserName): readonly PresenceChange[] {
    const count = this.#connections.get(user) ?? 0;
    if (count > 1) {
      this.#connections.set(user, count - 1);
      return [];
    }
    this.#connections.delete(user);
    this.#others.delete(user);
    if (!this.#named.delete(user)) return [];
    const left = { user, online: false };
    for (const next of this.#others) {
      this.#others.delete(next);
      this.#named.add(next);
      return [left, { user: next, online: true }];
    }
    return [left];
  }
}
