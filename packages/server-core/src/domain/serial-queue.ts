/** Steps taken one after another, in the order in which they were asked for. */

export class SerialQueue {
  #latest: Promise<void> = Promise.resolve();

  /** Takes a step when those before are done; its failure is its caller's alone. */
  take<T>(step: () => Promise<T>): Promise<T> {
    const taken = this.#latest.then(step);
    this.#latest = settled(taken);
    return taken;
  }
}

/** Resolves when the work is done, well or not. Keeps no result: a chain of these stays as small as its last link. */
export const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => {},
    () => {},
  );
