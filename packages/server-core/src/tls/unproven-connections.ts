/**
 * The connections that have proved no identity yet. Their number is bounded, in all and for each host. When there is no room for
 * one more, the oldest one of the host that holds most ends: connections that stay silent keep no user out.
 */

/** A connection that has proved no identity. */
export interface Unproven {
  /** The host, or another name under which connections are counted. */
  readonly host: string;
  /** Ends the connection, because it makes room for another one. */
  readonly displace: () => void;
}

/** Options of `UnprovenConnections`. The bounds may change at any time. */
export interface UnprovenOptions {
  /** Returns the number in all. */
  readonly max: () => number;
  readonly maxPerHost: () => number;
  /**
   * Returns the milliseconds for which a connection is not displaced by one of a host that holds as many or more. Without it a host that
   * opens connections quickly would end each handshake of the other users behind its address.
   */
  readonly graceMs: () => number;
  /** Returns milliseconds. */
  readonly clock: () => number;
}

interface Held {
  readonly connection: Unproven;
  readonly since: number;
}

/** The oldest first. */
type HeldByHost = Map<Unproven, Held>;

const oldestOf = (held: HeldByHost | undefined): Held | null => held?.values().next().value ?? null;

/** A bounded set of connections that have proved nothing. */
export class UnprovenConnections {
  readonly #options: UnprovenOptions;
  readonly #hosts = new Map<string, HeldByHost>();
  #total = 0;

  constructor(options: UnprovenOptions) {
    this.#options = options;
  }

  /**
   * Adds a connection, and displaces another one if that is necessary.
   *
   * @returns false when there is no room for it
   */
  add(connection: Unproven): boolean {
    const { max, maxPerHost, graceMs, clock } = this.#options;
    const own = this.#hosts.get(connection.host);
    const ownCount = own?.size ?? 0;
    if (ownCount >= maxPerHost() || this.#total >= max()) {
      const oldest = ownCount >= maxPerHost() ? oldestOf(own) : this.#oldestOfLargest();
      if (oldest === null) return false;
      const holdsMore = (this.#hosts.get(oldest.connection.host)?.size ?? 0) > ownCount + 1;
      if (!holdsMore && clock() - oldest.since < graceMs()) return false;
      this.remove(oldest.connection);
      oldest.connection.displace();
    }
    const held = this.#hosts.get(connection.host) ?? new Map<Unproven, Held>();
    this.#hosts.set(connection.host, held);
    held.set(connection, { connection, since: clock() });
    this.#total += 1;
    return true;
  }

  /** Removes a connection that has ended or has proved an identity. Does nothing when it was removed before. */
  remove(connection: Unproven): void {
    const held = this.#hosts.get(connection.host);
    if (held?.delete(connection) !== true) return;
    this.#total -= 1;
    if (held.size === 0) this.#hosts.delete(connection.host);
  }

  /** Returns the oldest connection of the host that holds most; among hosts that hold as many, the oldest of all. */
  #oldestOfLargest(): Held | null {
    let largest = 0;
    let oldest: Held | null = null;
    for (const held of this.#hosts.values()) {
      const first = oldestOf(held);
      if (first === null || held.size < largest) continue;
      if (held.size > largest || oldest === null || first.since < oldest.since) oldest = first;
      largest = held.size;
    }
    return oldest;
  }
}
