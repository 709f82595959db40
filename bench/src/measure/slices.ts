/** The longest time for which the main thread of this process has worked without a look at other work. */

/** Looks at the loop in every turn of it while it measures. Times are processor time of the thread, so other processes do not count. */
export class Slices {
  #longestUs = 0;
  #last = 0;
  #running = false;

  /** Begins to measure. */
  start(): void {
    this.#longestUs = 0;
    this.#last = threadUs();
    if (this.#running) return;
    this.#running = true;
    this.#look();
  }

  /** Ends the measurement, and returns the longest slice in ms. */
  stop(): number {
    this.#running = false;
    return this.#longestUs / 1_000;
  }

  /** Timers are looked at between two turns. With 1 ms between two looks, a slice is too long by that at most. */
  #look(): void {
    setTimeout(() => {
      const now = threadUs();
      this.#longestUs = Math.max(this.#longestUs, now - this.#last);
      this.#last = now;
      if (this.#running) this.#look();
    }, 1);
  }
}

function threadUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** What a process is asked that answers with its slices. */
export interface SlicesOrder {
  readonly slices: 'start' | 'stop';
}

/** Measures slices when the parent process asks for them, and answers with the longest one. */
export function answerSlices(): void {
  const slices = new Slices();
  process.on('message', (order: Partial<SlicesOrder>) => {
    if (order.slices === 'start') slices.start();
    if (order.slices === 'stop') process.send?.(slices.stop());
  });
}
