/** Time, as an argument: the clock and the timers that everything here goes by. */

export interface Scheduler {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `action` once, `ms` from now. Returns what cancels it. */
  after(ms: number, action: () => void): () => void;
}
