/** Amounts in settings and on the command line: sizes, times, days and numbers. */
import { limits } from '@chat/protocol';
import { z } from 'zod';

const units = { '': 1, K: 1_024, M: 1_024 ** 2, G: 1_024 ** 3, T: 1_024 ** 4 } as const;
const dayMs = 24 * 60 * 60 * 1_000;
/** Up to a petabyte, so that every amount is an exact number. */
const maxBytes = 1_024 ** 5;

/** The least and the greatest value of an amount. */
export type Range = readonly [least: number, most: number];

const isIn =
  ([least, most]: Range) =>
  (value: number): boolean =>
    value >= least && value <= most;

/** Bytes within a range, from text such as `500M`. */
export const sizeIn = (range: Range): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,16}[KMGT]?$/i)
    .transform((text) => {
      const [, digits = '', unit = ''] = /^(\d+)(\D?)$/.exec(text.toUpperCase()) ?? [];
      return Number(digits) * units[unit as keyof typeof units];
    })
    .refine(isIn(range));

/** What a size may be; completes "takes ...". */
export const takesSize = 'a size of at least 1M, such as 500M or 20G';
/** Bytes, from text such as `500M`, of stored messages. */
export const size = sizeIn([units.M, maxBytes]);

const timeUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: dayMs } as const;

/** Milliseconds within a range, from text such as `250ms` or `2m`. */
export const timeIn = (range: Range): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,12}(ms|s|m|h|d)$/)
    .transform((text) => {
      const [, digits = '', unit = ''] = /^(\d+)(\D+)$/.exec(text) ?? [];
      return Number(digits) * timeUnits[unit as keyof typeof timeUnits];
    })
    .refine(isIn(range));

/** Whole numbers within a range. */
export const numberIn = (range: Range): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine(isIn(range));

/** Returns a time as text, in the largest unit that keeps it exact. */
export function timeText(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((name) => ms >= timeUnits[name] && ms % timeUnits[name] === 0);
  return unit === undefined ? `${ms}ms` : `${ms / timeUnits[unit]}${unit}`;
}

/** What a number of days may be. */
export const takesDays = 'a whole number from 1 to 36500';
/** Milliseconds, from a number of days. */
export const days = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform((text) => Number(text) * dayMs)
  .refine((ms) => ms >= dayMs && ms <= 36_500 * dayMs);

/** What a number of messages may be. */
export const takesMessages = `a whole number from ${limits.keptEntries}`;
/** A number of messages. The latest ones are never deleted, so a lower bound would promise what no server does. */
export const messages = z
  .string()
  .regex(/^\d{1,12}$/)
  .transform(Number)
  .refine((count) => count >= limits.keptEntries);

/**
 * Returns the schema of a bound of one room: the amount, `off` for no bound (0), `default` for the server's own bound (null).
 *
 * @param amount the schema of the amount
 */
export const boundOf = (amount: z.ZodType<number, string>): z.ZodType<number | null, string> =>
  z.union([z.literal('off').transform(() => 0), z.literal('default').transform(() => null), amount]);

/** Returns a size as text, in the largest unit that keeps it exact. */
export function sizeText(bytes: number): string {
  const unit = (['T', 'G', 'M', 'K'] as const).find((name) => bytes >= units[name] && bytes % units[name] === 0);
  return unit === undefined ? String(bytes) : `${bytes / units[unit]}${unit}`;
}

/** Returns a number of days as text. */
export const daysText = (ms: number): string => (ms === dayMs ? '1 day' : `${Number((ms / dayMs).toFixed(2))} days`);

/** Returns a number of bytes for people. */
export function bytesText(bytes: number): string {
  const unit = (['T', 'G', 'M', 'K'] as const).find((name) => bytes >= units[name]);
  return unit === undefined ? `${bytes} bytes` : `${Number((bytes / units[unit]).toFixed(1))} ${unit}iB`;
}

/** Returns a time for people, in its two largest units. */
export function durationText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const parts = [
    [Math.floor(minutes / 1_440), 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).slice(0, 2);
  return (
    shown.map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`).join(' and ') || 'less than a minute'
  );
}
