/** Checks arguments at run time, because plain JavaScript would otherwise sign `undefined` as the empty message. */
import { isBytes } from '@noble/hashes/utils.js';
import { SignatureError } from './errors.ts';

const encoder = new TextEncoder();

/**
 * Encodes a string as UTF-8. Refuses lone surrogates, which all encode to U+FFFD: two different strings would get one
 * signature.
 *
 * @param what names the value in the error's message
 * @throws SignatureError `invalid-argument`
 */
export function textInput(value: string, what: string): Uint8Array {
  if (typeof value !== 'string') throw new SignatureError('invalid-argument', `the ${what} must be a string`);
  if (!value.isWellFormed()) {
    throw new SignatureError('invalid-argument', `the ${what} has half a surrogate pair: it is not Unicode text`);
  }
  return encoder.encode(value);
}

/**
 * Returns the bytes unchanged.
 *
 * @param what names the value in the error's message
 * @throws SignatureError `invalid-argument` if the value is not a Uint8Array
 */
export function bytesInput(value: Uint8Array, what: string): Uint8Array {
  if (!isBytes(value)) throw new SignatureError('invalid-argument', `the ${what} must be a Uint8Array`);
  return value;
}

/**
 * Requires an object.
 *
 * @param what names the object in the error's message
 * @throws SignatureError `invalid-argument`
 */
export function requireObject(value: object, what: string): void {
  if (typeof value === 'object' && value !== null) return;
  throw new SignatureError('invalid-argument', `the ${what} must be an object`);
}

/**
 * Requires an object with a method.
 *
 * @param what names the object in the error's message
 * @throws SignatureError `invalid-argument`
 */
export function requireMethod<T extends object>(value: T, method: keyof T & string, what: string): void {
  requireObject(value, what);
  if (typeof value[method] === 'function') return;
  throw new SignatureError('invalid-argument', `the ${what} must have a method ${method}`);
}

/**
 * Requires an options object without unknown names: a misspelt option would otherwise be ignored.
 *
 * @param what names the object in the error's message
 * @throws SignatureError `invalid-argument`
 */
export function requireOptions(options: object, what: string, names: readonly string[]): void {
  requireObject(options, what);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new SignatureError(
    'invalid-argument',
    `the ${what} has no option with this name; known are ${names.join(', ')}`,
  );
}

/**
 * Returns the entry of a table that the caller names.
 *
 * @param what names the kind of entry in the error's message
 * @throws SignatureError `invalid-argument` if there is no such entry
 */
export function entryOf<T extends object, N extends keyof T>(table: T, name: N, what: string): T[N] {
  if (typeof name !== 'string' || !Object.hasOwn(table, name)) {
    throw new SignatureError('invalid-argument', `the ${what} must be one of ${Object.keys(table).join(', ')}`);
  }
  return table[name];
}

/**
 * Returns bytes unchanged, and a string as UTF-8.
 *
 * @throws SignatureError `invalid-argument`
 */
export function dataInput(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? textInput(value, 'data') : bytesInput(value, 'data');
}
