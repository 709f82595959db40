/** Counts connections by the host that they come from, and in total. */

/** The numbers of open connections. */
export class ConnectionCounts {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Returns the number of connections from this host. */
  count(host: string): number {
    return this.#counts.get(host) ?? 0;
  }

  add(host: string): void {
    this.#counts.set(host, this.count(host) + 1);
    this.#total += 1;
  }

  /** Removes a connection that was added before. */
  remove(host: string): void {
    const count = this.count(host);
    if (count > 1) this.#counts.set(host, count - 1);
    else this.#counts.delete(host);
    this.#total -= 1;
  }
}
