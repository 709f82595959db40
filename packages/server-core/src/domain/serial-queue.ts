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

/**
 * Starts work, and calls `ended` when it ends: with its error, or undefined. What the work throws at once becomes a rejection. It takes
 * one promise more than the work, where `finally` takes three.
 */
export function started<T>(work: () => Promise<T>, ended: (error: unknown) => void): Promise<T> {
  const failed = (error: unknown): never => {
    ended(error);
    throw error;
  };
  try {
    return work().then((result) => {
      ended(undefined);
      return result;
    }, failed);
  } catch (error) {
    return Promise.reject(error).catch(failed);
  }
}
