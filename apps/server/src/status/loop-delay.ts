/** How late the event loop runs its timers: what every connection waits for beside its own work. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;
/** The time over which the delay is measured. */
const windowMs = 60_000;

/** Delays of about the last minute, in whole milliseconds. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures until it is stopped. */
export class LoopDelayMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #before: LoopDelay = { p99Ms: 0, maxMs: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      this.#before = this.#measured();
      this.#histogram.reset();
    }, windowMs);
    this.#timer.unref();
  }

  /** The larger delays of this minute and of the one before. */
  get delay(): LoopDelay {
    const now = this.#measured();
    return { p99Ms: Math.max(now.p99Ms, this.#before.p99Ms), maxMs: Math.max(now.maxMs, this.#before.maxMs) };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  /** The histogram contains the time between its samples, too. */
  #measured(): LoopDelay {
    if (this.#histogram.count === 0) return { p99Ms: 0, maxMs: 0 };
    const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e6) - resolutionMs);
    return { p99Ms: late(this.#histogram.percentile(99)), maxMs: late(this.#histogram.max) };
  }
}
