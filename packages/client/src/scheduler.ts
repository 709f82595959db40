/** Time as an argument: the clock and the timers of a client. */

/** A clock with timers. */
export interface Scheduler {
  /** Returns the time in milliseconds since 1970. */
  now(): number;
  /**
   * Calls `action` once, after `ms` milliseconds.
   *
   * @returns a function that cancels the call
   */
  after(ms: number, action: () => void): () => void;
}

/** Resolves after everything else that is due now has run, so that long work does not block the connection. */
export const nextTurn = (scheduler: Scheduler): Promise<void> => new Promise((resolve) => scheduler.after(0, resolve));

/**
 * A turn of long work: until this time has passed, or this many entries and signature checks were made, of which each takes some
 * 30 us, and a check in this thread a millisecond. A turn has a price of its own.
 */
const turnMs = 8;
const stepsPerTurn = 256;

/** Divides long work into turns of the event loop. */
export class Turns {
  readonly #scheduler: Scheduler;
  /** The steps of this turn, and when it began. */
  #steps = 0;
  #since = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Counts a step, and returns whether other work is to go on now. */
  isOver(): boolean {
    const now = this.#scheduler.now();
    if (this.#steps === 0) this.#since = now;
    this.#steps += 1;
    // A clock that was set back must not make a turn without end.
    if (this.#steps < stepsPerTurn && Math.abs(now - this.#since) < turnMs) return false;
    this.#steps = 0;
    return true;
  }
}
