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
