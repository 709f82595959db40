/** A queue of typed lines for one reader. */

/** The typed lines that no read has taken. */
export class LineQueue {
  readonly #lines: string[] = [];
  /** Resolves the pending read; null when no read is pending. */
  #reader: ((line: string | null) => void) | null = null;
  #ended = false;

  /** The number of lines that wait. */
  get length(): number {
    return this.#lines.length;
  }

  /** Gives a line to the pending read, or appends it to the queue. */
  push(line: string): void {
    if (this.#reader === null) this.#lines.push(line);
    else this.#answer(line);
  }

  /** Ends the queue after the lines that wait. */
  end(): void {
    this.#ended = true;
    this.#answer(null);
  }

  /** Returns the next line; null once the queue has ended. There may be one pending read at a time. */
  next(): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  #answer(line: string | null): void {
    const reader = this.#reader;
    this.#reader = null;
    reader?.(line);
  }
}
