/** Dates that users type. */

/** Returns whether there is such a day. */
function isDay(year: number, month: number, date: number): boolean {
  const day = new Date(Date.UTC(year, month - 1, date));
  return day.getUTCFullYear() === year && day.getUTCMonth() === month - 1 && day.getUTCDate() === date;
}

/**
 * Returns the time at which a day begins, or a time of that day, in ms since 1970; null for anything else. Without a time zone, it is that of this machine.
 *
 * @param text `2026-11-30`, `2026-11-30 14:03` or `2026-11-30T14:03Z`
 */
export function timeFrom(text: string): number | null {
  const found = /^((\d{4})-(\d\d)-(\d\d))(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?))?$/.exec(text);
  if (found === null) return null;
  const [, day, year, month, date, time = '00:00'] = found;
  if (!isDay(Number(year), Number(month), Number(date))) return null;
  const at = Date.parse(`${day}T${time}`);
  return Number.isNaN(at) ? null : at;
}
