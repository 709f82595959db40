/** A log line that strangers can cause: written at most once a second, with how often it happened. */

/** Milliseconds between two lines. */
const interval = 1_000;

export class SparseLog {
  readonly #write: (fields: object) => void;
  #latest: object | null = null;
  #times = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param write is given the latest occasion's fields, and `times` */
  constructor(write: (fields: object) => void) {
    this.#write = write;
  }

  /** It happened once more. */
  note(fields: object): void {
    this.#latest = fields;
    this.#times += 1;
    if (this.#timer === undefined) this.flush();
  }

  /** Writes what happened since the last line, now; the next line comes a second later. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#latest === null) return;
    this.#write({ ...this.#latest, times: this.#times });
    this.#latest = null;
    this.#times = 0;
    this.#timer = setTimeout(() => this.flush(), interval);
    this.#timer.unref();
  }
}
