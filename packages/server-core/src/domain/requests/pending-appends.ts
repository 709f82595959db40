/**
 * The entries of one room that the store has got and not answered for. Each is published when it is durable and all before it are
 * published, and none after one that has failed. A promise for each of these steps would cost more than the steps.
 */

interface Pending {
  isStored: boolean;
  /** Publishes the entry, and resolves its promise. */
  readonly publish: () => void;
  /** Rejects its promise with what this error means for the request. */
  readonly fail: (error: unknown) => void;
  /** Called when it is published or has failed; null while no caller waits. */
  settled: (() => void)[] | null;
}

/** What becomes of an entry. */
export interface NextAppend<T> {
  /** Called when the entry is durable and all before it are published. */
  readonly publish: () => T;
  /** Returns the error of the request, from that of the first entry that has failed. */
  readonly errorOf: (error: unknown) => Error;
}

/** What waits for the store, in the order of the log. */
export class PendingAppends {
  /** Called at once with the error of the first entry that fails. */
  readonly #failing: (error: unknown) => void;
  readonly #pending: Pending[] = [];
  /** Called when the store has answered for all entries. */
  #onAnswered: (() => void)[] = [];
  #unanswered = 0;

  constructor(failing: (error: unknown) => void) {
    this.#failing = failing;
  }

  /** Adds the next entry. Resolves with what `publish` returns. Rejects only when the store has answered for all entries. */
  add<T>(stored: Promise<unknown>, { publish, errorOf }: NextAppend<T>): Promise<T> {
    this.#unanswered += 1;
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        isStored: false,
        publish: () => resolve(publish()),
        fail: (error) => reject(errorOf(error)),
        settled: null,
      };
      this.#pending.push(pending);
      stored.then(
        () => {
          pending.isStored = true;
          this.#publish();
          this.#answered();
        },
        (error: unknown) => {
          this.#fail(pending, error);
          this.#answered();
        },
      );
    });
  }

  /** Resolves when the latest entry until now is published or has failed. */
  async settled(): Promise<void> {
    const last = this.#pending.at(-1);
    if (last === undefined) return;
    await new Promise<void>((resolve) => {
      last.settled ??= [];
      last.settled.push(resolve);
    });
  }

  /** Resolves when the store has answered for all entries. */
  async answered(): Promise<void> {
    if (this.#unanswered > 0) await new Promise<void>((resolve) => this.#onAnswered.push(resolve));
  }

  #publish(): void {
    for (let first = this.#pending[0]; first?.isStored === true; first = this.#pending[0]) {
      try {
        first.publish();
      } catch (error) {
        this.#fail(first, error);
        return;
      }
      this.#pending.shift();
      settle(first);
    }
  }

  /** Fails an entry and all after it, unless one before it has failed. */
  #fail(pending: Pending, error: unknown): void {
    const at = this.#pending.indexOf(pending);
    if (at < 0) return;
    const failed = this.#pending.splice(at);
    this.#onAnswered.push(() => {
      for (const { fail } of failed) fail(error);
    });
    this.#failing(error);
    for (const each of failed) settle(each);
  }

  #answered(): void {
    this.#unanswered -= 1;
    if (this.#unanswered > 0) return;
    const waiting = this.#onAnswered;
    this.#onAnswered = [];
    for (const answered of waiting) answered();
  }
}

const settle = ({ settled }: Pending): void => {
  for (const each of settled ?? []) each();
};
