/** Counts by name, and in all. */

export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string): void {
    this.#counts.set(name, this.count(name) + 1);
    this.#total += 1;
  }

  /** One less of what was added. */
  remove(name: string): void {
    const count = this.count(name);
    if (count > 1) this.#counts.set(name, count - 1);
    else this.#counts.delete(name);
    this.#total -= 1;
  }
}
