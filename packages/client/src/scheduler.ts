/** Time, as an argument: the clock and the timers that everything here goes by. */

export interface Scheduler {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `action` once, `ms` from now. Returns what cancels it. */
  after(ms: number, action: () => void): () => void;
}

/** Lets everything else that waits run first: for work that would hold up the connection if it were done in one piece. */
export const nextTurn = (scheduler: Scheduler): Promise<void> => new Promise((resolve) => scheduler.after(0, resolve));
