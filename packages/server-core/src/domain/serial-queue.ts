/** A queue of steps that run one after another, in the order of the calls. */

/** A queue of steps, empty at first. */
export class SerialQueue {
  #latest: Promise<void> = Promise.resolve();
  /** Steps that have not ended. */
  #running = 0;

  /** True when no step runs or waits. */
  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Runs a step when those before are done. A step that fails does not affect those after it. */
  run<T>(step: () => Promise<T>): Promise<T> {
    this.#running += 1;
    const result = this.#latest.then(step);
    this.#latest = result.then(this.#ended, this.#ended);
    return result;
  }

  readonly #ended = (): void => {
    this.#running -= 1;
  };
}

/** Resolves when the work is done or has failed. Drops the result, so a chain of these holds no results in memory. */
export const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => {},
    () => {},
  );
