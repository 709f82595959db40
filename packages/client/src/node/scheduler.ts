/** The scheduler of the machine. */
import type { Scheduler } from '../scheduler.ts';

/** The machine's clock and timers. */
export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
