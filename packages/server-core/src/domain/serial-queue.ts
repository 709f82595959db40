/** A queue that runs asynchronous steps one after another, in the order of the calls. */

/** A queue of asynchronous steps, empty at first. */
export class SerialQueue {
  #latest: Promise<void> = Promise.resolve();

  /** Runs a step when those before are done. A step that fails does not affect those after it. */
  run<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#latest.then(step);
    this.#latest = settled(result);
    return result;
  }
}

/** Resolves when the work is done or has failed. Drops the result, so a chain of these holds no results in memory. */
export const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => {},
    () => {},
  );
