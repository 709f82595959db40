/** Lines that were typed, for whoever asks next; null once there will be no more. */

export class LineQueue {
  readonly #lines: string[] = [];
  #waiting: ((line: string | null) => void) | null = null;
  #ended = false;

  get length(): number {
    return this.#lines.length;
  }

  push(line: string): void {
    if (this.#waiting === null) this.#lines.push(line);
    else this.#answer(line);
  }

  end(): void {
    this.#ended = true;
    this.#answer(null);
  }

  /** The next line. One reader at a time. */
  next(): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #answer(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(line);
  }
}
