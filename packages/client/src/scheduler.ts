/** Time as an argument: the clock and the timers of a client. */
import type { InParts } from '@chat/protocol';

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

/** Divides long work into turns of the event loop. Parts that follow each other in one turn MUST share this object. */
export class Turns {
  readonly #scheduler: Scheduler;
  /** The steps of this turn, and when it began. */
  #steps = 0;
  #since = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /**
   * Counts a step, and returns whether other work is to go on now.
   *
   * @param weight the steps of some 30 us for which this one counts. Default: 1
   */
  isOver(weight = 1): boolean {
    const now = this.#scheduler.now();
    if (this.#steps === 0) this.#since = now;
    this.#steps += weight;
    // A clock that was set back must not make a turn without end.
    if (this.#steps < stepsPerTurn && Math.abs(now - this.#since) < turnMs) return false;
    this.#steps = 0;
    return true;
  }

  /** Counts a step like `isOver`, and lets other work go on if it is time. */
  async step(weight = 1): Promise<void> {
    if (this.isOver(weight)) await nextTurn(this.#scheduler);
  }

  /** Does all parts of a work. */
  async finish<T>(work: InParts<T>): Promise<T> {
    for (;;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (this.isOver()) await nextTurn(this.#scheduler);
    }
  }
}
