/** Checks of callers' arguments. Error messages do not contain the values, which may be secret. */

import { ivBytes } from './encoding/aes-block.ts';
import { encodeText } from './encoding/text.ts';
import { FernetError } from './errors.ts';

/** Largest data of one token: its text fits the longest string of every JavaScript engine. */
const maxDataBytes = 2 ** 28;

/** Times beyond it are milliseconds by mistake. */
const maxUnixSeconds = 2 ** 33;

/** Smallest salt of a password: large enough that two random salts are never equal. */
const minSaltBytes = 16;

/** The maximum age of a token and the time at which it is judged, both in whole seconds. */
export interface TimeLimit {
  readonly ttl: number;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Returns the data as bytes, a string as its UTF-8. */
export function requireData(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? encodeText(data) : data;
  if (!isBytes(bytes)) throw invalid('data must be a string or a Uint8Array');
  if (bytes.length > maxDataBytes) throw invalid('data is longer than 256 MiB: split it into several tokens');
  return bytes;
}

/** Returns the text of a token. */
export function requireTokenText(token: unknown): string {
  if (typeof token !== 'string') throw invalid('a token must be a string');
  return token;
}

/**
 * Returns the bytes of a raw token as a plain Uint8Array, so that the bytes that are verified are those that are decrypted:
 * memory that another thread could change in between is copied, and the methods of a subclass are not called.
 */
export function requireRawToken(token: unknown): Uint8Array {
  if (!isBytes(token)) throw invalid('a raw token must be a Uint8Array');
  const { buffer, byteOffset, length } = token;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, length) : new Uint8Array(token);
}

/** Returns the bytes that were written to a stream. */
export function requirePiece(piece: unknown): Uint8Array {
  if (!isBytes(piece)) throw invalid('a stream takes Uint8Arrays: pipe text through a TextEncoderStream first');
  return piece;
}

/** Returns the password as bytes, a string as its UTF-8. */
export function requirePassword(password: unknown): Uint8Array {
  const bytes = typeof password === 'string' ? encodeText(password) : password;
  if (!isBytes(bytes)) throw invalid('the password must be a string or a Uint8Array');
  if (bytes.length === 0) throw invalid('the password is empty');
  return bytes;
}

/** Returns the salt of a password. */
export function requireSalt(salt: unknown): Uint8Array {
  if (!isBytes(salt) || salt.length < minSaltBytes) {
    throw invalid('the salt must be a Uint8Array of at least 16 bytes: make one with generateSalt()');
  }
  return salt;
}

/** Returns an IV. */
export function requireIv(iv: unknown): Uint8Array {
  if (!isBytes(iv) || iv.length !== ivBytes) throw invalid('the IV must be a Uint8Array of 16 bytes');
  return iv;
}

/** Returns whole seconds since 1970, at most those of the year 2242: the milliseconds of any date after April 1970 are more. */
export function requireUnixSeconds(now: unknown): number {
  const seconds = wholeSeconds(now, 'now');
  if (seconds > maxUnixSeconds) throw invalid('now is in the far future: it must be seconds, not milliseconds');
  return seconds;
}

/**
 * Returns the time limit of `decrypt`; null without a `ttl`.
 *
 * @param clock returns seconds since 1970
 */
export function timeLimitOf(options: unknown, clock: () => number): TimeLimit | null {
  const { ttl } = requireOptions(options, ['ttl']);
  return ttl === undefined ? null : { ttl: wholeSeconds(ttl, 'ttl'), now: clock() };
}

/** Returns the time limit of `decryptAtTime`, both of whose options are required. */
export function timeLimitAt(options: unknown): TimeLimit {
  const { ttl, now } = requireOptions(options, ['ttl', 'now']);
  return { ttl: wholeSeconds(ttl, 'ttl'), now: requireUnixSeconds(now) };
}

function wholeSeconds(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw invalid(`${name} must be a whole number of seconds, at least 0`);
  }
  return value;
}

/** Rejects a plain number and unknown names too: ignored, they would be a time-to-live that is never enforced. */
function requireOptions(
  options: unknown,
  names: readonly string[],
): { readonly ttl?: unknown; readonly now?: unknown } {
  if (typeof options !== 'object' || options === null) throw invalid('options must be an object such as { ttl: 60 }');
  const isKnown = Object.keys(options).every((name) => names.includes(name));
  if (!isKnown) throw invalid(`an option has an unknown name; known are ${names.join(', ')}`);
  return options;
}

/** Rejects a Proxy of a Uint8Array, which is an instance of it too but could return other bytes at each access. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}

function invalid(message: string): FernetError {
  return new FernetError('invalid-argument', message);
}
