/** A clock that a test advances. */
import { setImmediate } from 'node:timers/promises';
import type { Scheduler } from '../../src/index.ts';

export class ManualClock implements Scheduler {
  #now = 1_700_000_000_000;
  readonly #timers = new Map<object, { at: number; action: () => void }>();

  now = (): number => this.#now;

  after = (ms: number, action: () => void) => {
    const key = {};
    this.#timers.set(key, { at: this.#now + ms, action });
    return () => void this.#timers.delete(key);
  };

  get waiting(): number {
    return this.#timers.size;
  }

  /** Simulates a machine that sleeps: the clock advances, and the timers do not. */
  sleep(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers.values()) timer.at += ms;
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await setImmediate();
    for (;;) {
      const [next] = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [key, { at, action }] = next;
      this.#timers.delete(key);
      this.#now = Math.max(this.#now, at);
      action();
      await setImmediate();
    }
    // The machine may have slept meanwhile.
    this.#now = Math.max(this.#now, end);
  }
}
