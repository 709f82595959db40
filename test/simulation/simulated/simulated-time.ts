/** The clock of all machines. Time passes only when the run says so, and only while no machine has work to do. */
import type { Scheduler } from '@chat/client';

interface Event {
  readonly due: number;
  /** Events that are due at the same time run in this order. */
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** The clock's step. Events of one step run together. */
const stepMs = 10;

const before = (a: Event, b: Event): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/**
 * After this many rounds of the event loop without a new event no work is left. The server defers work by two rounds at most: what it
 * begins in the next round leaves at the end of the one after it.
 */
const quietRounds = 3;

export class SimulatedTime implements Scheduler {
  /** A binary heap, the next event at its top. */
  readonly #events: Event[] = [];
  #elapsed = 0;
  #slept = 1_700_000_000_000;
  #order = 0;

  now(): number {
    return this.#slept + this.#elapsed;
  }

  /** Simulated milliseconds, without the time of suspension. */
  get elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, action: () => void): () => void {
    const event: Event = {
      due: Math.ceil((this.#elapsed + Math.max(0, ms)) / stepMs) * stepMs,
      order: this.#order++,
      action,
      cancelled: false,
    };
    this.#push(event);
    return () => {
      event.cancelled = true;
    };
  }

  /** Suspends all machines: clocks go on, timers do not. */
  sleep(ms: number): void {
    this.#slept += ms;
  }

  /** Runs all events that are due within `ms`, and those that follow from them. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await this.#settle();
    for (let next = this.#events[0]; next !== undefined && next.due <= end; next = this.#events[0]) {
      this.#elapsed = next.due;
      let ran = false;
      for (let event = this.#pop(next.due); event !== undefined; event = this.#pop(next.due)) {
        if (event.cancelled) continue;
        event.action();
        ran = true;
      }
      if (ran) await this.#settle();
    }
    this.#elapsed = end;
  }

  /** Lets promises, ticks and immediates run until they add no new event. */
  async #settle(): Promise<void> {
    for (let quiet = 0, seen = this.#order; quiet < quietRounds; quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen !== this.#order) quiet = -1;
      seen = this.#order;
    }
  }

  #push(event: Event): void {
    const events = this.#events;
    let at = events.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = events[parent] as Event;
      if (!before(event, above)) break;
      events[at] = above;
      at = parent;
    }
    events[at] = event;
  }

  /** Removes and returns the next event if it is due by then. */
  #pop(due: number): Event | undefined {
    const events = this.#events;
    const [top] = events;
    if (top === undefined || top.due > due) return undefined;
    const last = events.pop() as Event;
    if (last === top) return top;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= events.length) break;
      const child = right < events.length && before(events[right] as Event, events[left] as Event) ? right : left;
      if (!before(events[child] as Event, last)) break;
      events[at] = events[child] as Event;
      at = child;
    }
    events[at] = last;
    return top;
  }
}
