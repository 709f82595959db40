/** Waits until a condition on changing state holds, or the log shows an event. */
import type { RoomEvent } from '@chat/room';
import type { Scheduler } from '../scheduler.ts';

interface Watcher {
  check(): void;
  fail(error: Error): void;
}

/** The limit of a wait. It begins anew while the client reads on in the backlog: thousands of joins take long to verify. */
export interface WaitLimit {
  readonly timeoutMs: number;
  /** Returns the error after the timeout. */
  readonly failure: () => Error;
}

/** The conditions for which the parts of one room wait. */
export class Conditions {
  readonly #scheduler: Scheduler;
  readonly #readUpTo: () => number | null;
  readonly #watchers = new Set<Watcher>();
  readonly #listeners = new Set<(event: RoomEvent) => void>();

  /** @param readUpTo returns the position up to which the client has read while it reads the backlog; null at its end */
  constructor(scheduler: Scheduler, readUpTo: () => number | null) {
    this.#scheduler = scheduler;
    this.#readUpTo = readUpTo;
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
      let cancelTimeout: () => void = () => undefined;
      const wait = (from: number | null) => {
        cancelTimeout = this.#scheduler.after(timeoutMs, () => {
          const now = this.#readUpTo();
          if (now !== null && now !== from) wait(now);
          else watcher.fail(failure());
        });
      };
      this.#watchers.add(watcher);
      wait(this.#readUpTo());
      watcher.check();
    });
  }

  /**
   * Calls the listener with each event that the log shows, until the returned function is called. Entries are read many at a time, so
   * the state after them may show no more what one of them has changed.
   */
  listen(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called with the events of entries before `check`. */
  show(events: readonly RoomEvent[]): void {
    for (const listener of this.#listeners) for (const event of events) listener(event);
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
