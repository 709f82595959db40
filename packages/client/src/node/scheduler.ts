/** The machine's own clock and timers. */
import type { Scheduler } from '../scheduler.ts';

export const systemScheduler: Scheduler = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
