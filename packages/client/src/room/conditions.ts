/** Waiting for something to become true of a state that changes step by step. */
import type { Scheduler } from '../scheduler.ts';

interface Watcher {
  check(): void;
  fail(error: Error): void;
}

export class Conditions {
  readonly #scheduler: Scheduler;
  readonly #watchers = new Set<Watcher>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Resolves when `condition` holds, now or at a later `check`; rejects with `failure` after that many ms. */
  until(condition: () => boolean, after: number, failure: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
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
      const cancel = this.#scheduler.after(after, () => watcher.fail(failure()));
      this.#watchers.add(watcher);
      watcher.check();
    });
  }

  /** To be called after every step. */
  check(): void {
    for (const watcher of [...this.#watchers]) watcher.check();
  }

  /** Nothing more will become true. */
  close(error: Error): void {
    for (const watcher of [...this.#watchers]) watcher.fail(error);
  }
}
