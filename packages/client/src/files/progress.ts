/** How far a transfer has got, how fast it is, and when it will be done. */

/** What is shown of a transfer that moves. */
export interface Speed {
  /** Bytes in a second; null while it is not known. */
  readonly bytesPerSecond: number | null;
  /** Time to the end, in milliseconds; null while it is not known. */
  readonly leftMs: number | null;
}

/** A rate says little before so much time. */
const minElapsedMs = 1_000;
/** The latest part of a transfer, by which it is measured. */
const measuredMs = 10_000;

/** Measures one transfer. */
export class Meter {
  readonly #now: () => number;
  /** Times and bytes, the oldest first. */
  #marks: (readonly [at: number, bytes: number])[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** To be called when the transfer begins to move, and begins again. */
  begin(bytes: number): void {
    this.#marks = [[this.#now(), bytes]];
  }

  /** Takes the bytes that are done, and returns the speed. */
  note(bytes: number, total: number): Speed {
    const now = this.#now();
    this.#marks.push([now, bytes]);
    while (this.#marks.length > 2 && now - (this.#marks[1]?.[0] ?? now) > measuredMs) this.#marks.shift();
    const [since, before] = this.#marks[0] ?? [now, bytes];
    if (now - since < minElapsedMs || bytes <= before) return { bytesPerSecond: null, leftMs: null };
    const bytesPerSecond = Math.round(((bytes - before) * 1_000) / (now - since));
    return { bytesPerSecond, leftMs: Math.round(((total - bytes) * 1_000) / bytesPerSecond) };
  }
}
