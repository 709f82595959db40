/** Waits until a condition on changing state holds. */
import type { Scheduler } from '../scheduler.ts';

interface Watcher {
  check(): void;
  fail(error: Error): void;
}

/** The limit of a wait. */
export interface WaitLimit {
  readonly timeoutMs: number;
  /** Returns the error after the timeout. */
  readonly failure: () => Error;
}

/** The conditions for which the parts of one room wait. */
export class Conditions {
  readonly #scheduler: Scheduler;
  readonly #watchers = new Set<Watcher>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Resolves when `condition` holds, now or at a later `check`; rejects with `failure` after the timeout. */
  until(condition: () => boolean, { timeoutMs, failure }: WaitLimit): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancelTimeout();
        this.#watchers.delete(watcher);
      };
      const watcher: Watcher = {
        check: () => {
          if (!condition()) return;
          end();
          resolve();
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      const cancelTimeout = this.#scheduler.after(timeoutMs, () => watcher.fail(failure()));
      this.#watchers.add(watcher);
      watcher.check();
    });
  }

  /** To be called after every change of the state. */
  check(): void {
    for (const watcher of [...this.#watchers]) watcher.check();
  }

  /** Rejects every wait with this error. */
  close(error: Error): void {
    for (const watcher of [...this.#watchers]) watcher.fail(error);
  }
}
