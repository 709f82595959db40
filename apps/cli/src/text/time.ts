/** Times as the screen shows them, in the time zone of this machine. */

const twoDigits = (n: number): string => String(n).padStart(2, '0');

/** Returns `HH:MM`. The time is in milliseconds since 1970. */
export function clockTime(at: number): string {
  const then = new Date(at);
  return `${twoDigits(then.getHours())}:${twoDigits(then.getMinutes())}`;
}

/** Returns the day of a time, in milliseconds since 1970, as `2026-11-30`. */
export function dayOf(at: number): string {
  const then = new Date(at);
  return `${then.getFullYear()}-${twoDigits(then.getMonth() + 1)}-${twoDigits(then.getDate())}`;
}

/** Returns `HH:MM`, preceded by the date when that is not today. Both times are milliseconds since 1970. */
export const timeOfDay = (at: number, now: number): string =>
  dayOf(at) === dayOf(now) ? clockTime(at) : `${dayOf(at)} ${clockTime(at)}`;

/** Returns a duration in words: `3 s`, `2 min`. */
export const duration = (ms: number): string =>
  ms < 100_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`;

/** Returns a longer duration in words: `4 minutes`, `3 hours`. */
export function minutes(ms: number): string {
  const count = Math.max(1, Math.round(ms / 60_000));
  if (count < 120) return count === 1 ? '1 minute' : `${count} minutes`;
  return `${Math.round(count / 60)} hours`;
}

/** Returns a duration in whole days, in words: `30 days`. */
export function days(ms: number): string {
  const count = Math.max(1, Math.floor(ms / (24 * 60 * 60_000)));
  return count === 1 ? '1 day' : `${count} days`;
}
