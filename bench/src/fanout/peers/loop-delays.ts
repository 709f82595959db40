/** How late the timers of a server's event loop are: for that time something else has held up its connections. */

/** A time between two looks at the loop, both in ms of Unix time. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Ms between two looks: often enough for a hundredth of them, and nothing that the server would notice. */
const betweenLooksMs = 5;

/** Looks at the loop of this process from now on, and answers each `Span` that the parent process sends with its delays in ms. */
export function answerLoopDelays(): void {
  const seen: { readonly at: number; readonly delayMs: number }[] = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    seen.push({ at: performance.timeOrigin + now, delayMs: Math.max(0, now - last - betweenLooksMs) });
    last = now;
  }, betweenLooksMs);
  process.on('message', ({ from, to }: Partial<Span>) => {
    if (from === undefined || to === undefined) return;
    process.send?.(seen.filter(({ at }) => from <= at && at <= to).map(({ delayMs }) => delayMs));
  });
}
