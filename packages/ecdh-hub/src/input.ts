/** Checks of objects that callers pass, for callers whose types no compiler has checked. */
import { HubError } from './errors.ts';

/**
 * Requires an object without unknown names: a misspelt one would otherwise be ignored.
 *
 * @throws HubError `invalid-argument`
 */
export function requireNames(value: object, names: readonly string[]): void {
  if (typeof value === 'object' && value !== null && Object.keys(value).every((name) => names.includes(name))) return;
  throw new HubError('invalid-argument', `expected an object with no other names than ${names.join(', ')}`);
}

/**
 * Requires a list that is not empty.
 *
 * @param what names its items in the error's message
 * @throws HubError `invalid-argument`
 */
export function requireSome(list: readonly unknown[], what: string): void {
  if (Array.isArray(list) && list.length > 0) return;
  throw new HubError('invalid-argument', `expected a list of at least one ${what}`);
}
