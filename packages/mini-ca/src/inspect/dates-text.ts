/** Describes dates and the time between them and now. */
const units = [
  ['year', 365 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** Returns a duration in whole units, of the largest unit that fits twice: `36 hours`, `3 days`. */
function span(milliseconds: number): string {
  const [unit, size] = units.find(([, each]) => milliseconds >= 2 * each) ??
    units[units.length - 1] ?? ['second', 1000];
  const count = Math.floor(milliseconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Returns a date in UTC, in seconds. */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Returns the lines for a validity: its beginning, its end, and the time that remains. */
export function period(from: Date, until: Date, now: Date): string[] {
  const left =
    now < from
      ? `NOT YET VALID: begins in ${span(from.getTime() - now.getTime())}`
      : now.getTime() >= until.getTime() + 1000
        ? `EXPIRED ${span(now.getTime() - until.getTime())} ago`
        : `${span(Math.max(0, until.getTime() - now.getTime()))} left of ${span(until.getTime() - from.getTime())}`;
  return [`from ${moment(from)}`, `until ${moment(until)}`, left];
}
