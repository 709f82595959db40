/** Who is there, in the order in which they came: each user once, however many connections they have. */
import type { UserName } from '@chat/protocol';

export class Presence {
  // A Map keeps the order of insertion, and counting up a user who is in it does not move them.
  readonly #connections = new Map<UserName, number>();

  /** The longest present first. */
  get online(): UserName[] {
    return [...this.#connections.keys()];
  }

  /** One more connection; whether it is the user's first. */
  arrive(user: UserName): boolean {
    const count = this.#connections.get(user) ?? 0;
    this.#connections.set(user, count + 1);
    return count === 0;
  }

  /** One connection less; whether it was the user's last. */
  depart(user: UserName): boolean {
    const count = this.#connections.get(user) ?? 0;
    if (count > 1) {
      this.#connections.set(user, count - 1);
      return false;
    }
    return this.#connections.delete(user);
  }
}
