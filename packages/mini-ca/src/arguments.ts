/** Checks of arguments, for callers whose types no compiler has checked: a wrong name or type is refused, not ignored. */
import { CaError, quoted } from './errors.ts';

/** The names of an options object, all of them. */
export type OptionNames<T> = Readonly<Record<keyof T & string, true>>;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/**
 * Requires an object without unknown names.
 *
 * @param subject what the object is for, in the message
 * @throws CaError `bad-argument`
 */
export function requireOptions<T extends object>(subject: string, options: T, names: OptionNames<T>): void {
  if (!isObject(options)) throw new CaError('bad-argument', `${subject} requires an object`);
  const allowed: ReadonlyMap<string, true> = new Map(Object.entries(names));
  const unknown = Object.keys(options).find((name) => allowed.get(name) !== true);
  if (unknown === undefined) return;
  const known = Object.keys(names).join(', ');
  throw new CaError('bad-argument', `${subject} has no ${quoted(unknown)}; it has ${known}`);
}

/**
 * Requires a date, which may be an invalid one: every comparison with it is false.
 *
 * @throws CaError `bad-argument`
 */
export function requireDate(name: string, date: Date): void {
  if (Object.prototype.toString.call(date) === '[object Date]') return;
  throw new CaError('bad-argument', `\`${name}\` is not a Date`);
}

/**
 * Requires a date that exists.
 *
 * @throws CaError `bad-argument`
 */
export function requireValidDate(name: string, date: Date): void {
  requireDate(name, date);
  if (Number.isNaN(date.getTime())) throw new CaError('bad-argument', `\`${name}\` is not a date`);
}

/**
 * Requires a text.
 *
 * @throws CaError `bad-argument`
 */
export function requireText(name: string, text: string): void {
  if (typeof text !== 'string') throw new CaError('bad-argument', `\`${name}\` is ${quoted(text)}: give text`);
}

/**
 * Requires a function.
 *
 * @throws CaError `bad-argument`
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new CaError('bad-argument', `\`${name}\` is not a function`);
}
