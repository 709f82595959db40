/** Times as the screen shows them, in the zone of this machine. */

const two = (n: number): string => String(n).padStart(2, '0');

/** `HH:MM`, with the date before it when that is not today's. Both in milliseconds since 1970. */
export function timeOfDay(at: number, now: number): string {
  const then = new Date(at);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === new Date(now).toDateString()) return clock;
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${clock}`;
}

/** A waiting time in words: `3 s`, `2 min`. */
export const duration = (ms: number): string =>
  ms < 100_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`;
