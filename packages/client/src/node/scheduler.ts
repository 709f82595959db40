/** The scheduler of the machine. */
import type { Scheduler } from '../scheduler.ts';

/** The machine's clock and timers. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(ms, action) {
    // A timer takes a millisecond at least, and reading a backlog takes hundreds of turns.
    if (ms <= 0) {
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
