/** Log lines that any host can cause: written at most once a second, with the number of occurrences. */

/** Time between two lines. */
const minIntervalMs = 1_000;

/** Counts the occurrences of one kind and writes a line for them at most once a second. */
export class SparseLog {
  readonly #write: (fields: object) => void;
  #latest: object | null = null;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param write gets the fields of the latest occurrence and their number, `times` */
  constructor(write: (fields: object) => void) {
    this.#write = write;
  }

  /** Counts an occurrence. */
  note(fields: object): void {
    this.#latest = fields;
    this.#count += 1;
    if (this.#timer === undefined) this.flush();
  }

  /** Writes the occurrences since the last line now. The next line comes a second later at the earliest. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#latest === null) return;
    this.#write({ ...this.#latest, times: this.#count });
    this.#latest = null;
    this.#count = 0;
    this.#timer = setTimeout(() => this.flush(), minIntervalMs);
    this.#timer.unref();
  }
}
