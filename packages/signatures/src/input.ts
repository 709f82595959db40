/**
 * What callers hand in: checked at run time too, since plain JavaScript would sign `undefined` as the empty message.
 */
import { isBytes } from '@noble/hashes/utils.js';
import { SignatureError } from './errors.ts';

const encoder = new TextEncoder();

/**
 * UTF-8 bytes of a string; `what` names it in the error. Lone surrogates, which all encode to U+FFFD, are refused: two
 * different strings would get one signature. Throws `invalid-argument`.
 */
export function textInput(value: string, what: string): Uint8Array {
  if (typeof value !== 'string') throw new SignatureError('invalid-argument', `The ${what} must be a string.`);
  if (!value.isWellFormed()) {
    throw new SignatureError('invalid-argument', `The ${what} has half a surrogate pair: it is not Unicode text.`);
  }
  return encoder.encode(value);
}

/** The bytes as they are. Throws `invalid-argument` for anything else. */
export function bytesInput(value: Uint8Array, what: string): Uint8Array {
  if (!isBytes(value)) throw new SignatureError('invalid-argument', `The ${what} must be a Uint8Array.`);
  return value;
}

/** The entry of a table that a caller names. Throws `invalid-argument` for another name. */
export function formatOf<T extends object, F extends keyof T>(table: T, format: F): T[F] {
  if (!Object.hasOwn(table, format)) {
    throw new SignatureError('invalid-argument', `The format must be one of ${Object.keys(table).join(', ')}.`);
  }
  return table[format];
}

/** Bytes as they are, a string as UTF-8. Throws `invalid-argument`. */
export function dataInput(value: Uint8Array | string): Uint8Array {
  return typeof value === 'string' ? textInput(value, 'data') : bytesInput(value, 'data');
}
