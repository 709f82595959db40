/** When frames are drawn: at once for a key, and seldom enough for many events. */
import type { Scheduler } from '@chat/client';

/** The least time between a frame and the next one that no key asks for, in milliseconds. */
const frameMs = 100;
/** How often a frame is drawn by itself, for the times that it shows, in milliseconds. */
const idleMs = 60_000;

/** Draws frames when they are needed. */
export class FramePace {
  readonly #clock: Scheduler;
  readonly #draw: () => void;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #cancel: () => void;
  /** True if the frame that comes is not one that is drawn by itself. */
  #isAsked = false;

  /** @param draw draws a frame */
  constructor(clock: Scheduler, draw: () => void) {
    this.#clock = clock;
    this.#draw = draw;
    this.#cancel = clock.after(0, this.#run);
  }

  /** Draws a frame before anything else happens. */
  now(): void {
    this.#schedule(0);
  }

  /** Draws a frame soon. */
  soon(): void {
    if (!this.#isAsked) this.#schedule(Math.max(0, this.#drawnAt + frameMs - this.#clock.now()));
  }

  /** Draws no more frames. */
  stop(): void {
    this.#cancel();
    this.#isAsked = true;
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#isAsked = true;
    this.#cancel = this.#clock.after(ms, this.#run);
  }

  readonly #run = (): void => {
    this.#isAsked = false;
    this.#drawnAt = this.#clock.now();
    this.#cancel = this.#clock.after(idleMs, this.#run);
    this.#draw();
  };
}
