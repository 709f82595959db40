/** Checks of what callers pass. Values are not repeated in messages: they may be secret. */

import { encodeText } from './encoding/text.ts';
import { FernetError } from './errors.ts';
import { IV_LENGTH } from './token/envelope.ts';
import type { TimeLimit } from './token/timestamp.ts';

/** The most that one token carries, bytes: the token's text stays within the longest string of every JavaScript engine. */
const MAX_DATA_LENGTH = 2 ** 28;

/** Of a password's salt, bytes: enough that no two are ever alike by chance. */
const MIN_SALT_LENGTH = 16;

export function dataBytes(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? encodeText(data) : data;
  if (!isBytes(bytes)) throw bad('data must be a string or a Uint8Array');
  if (bytes.length > MAX_DATA_LENGTH) throw bad('data is longer than 256 MiB: cut it into several tokens');
  return bytes;
}

export function tokenText(token: unknown): string {
  if (typeof token !== 'string') throw bad('a token must be a string');
  return token;
}

/**
 * What is verified must be what is decrypted: memory that another thread could change in between is copied, and the methods of a
 * subclass are left behind.
 */
export function tokenBytes(token: unknown): Uint8Array {
  if (!isBytes(token)) throw bad('a raw token must be a Uint8Array');
  const { buffer, byteOffset, length } = token;
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer, byteOffset, length) : new Uint8Array(token);
}

/** A piece of a stream. */
export function pieceBytes(piece: unknown): Uint8Array {
  if (!isBytes(piece)) throw bad('a stream takes Uint8Arrays: pipe text through a TextEncoderStream first');
  return piece;
}

export function passwordBytes(password: unknown): Uint8Array {
  const bytes = typeof password === 'string' ? encodeText(password) : password;
  if (!isBytes(bytes)) throw bad('the password must be a string or a Uint8Array');
  if (bytes.length === 0) throw bad('the password is empty');
  return bytes;
}

export function saltBytes(salt: unknown): Uint8Array {
  if (!isBytes(salt) || salt.length < MIN_SALT_LENGTH) {
    throw bad('the salt must be a Uint8Array of 16 bytes or more: make one with generateSalt()');
  }
  return salt;
}

export function ivBytes(iv: unknown): Uint8Array {
  if (!isBytes(iv) || iv.length !== IV_LENGTH) throw bad('the IV must be a Uint8Array of 16 bytes');
  return iv;
}

/** Whole seconds since 1970. Milliseconds, the usual mistake, cannot be told from a far future. */
export function unixSeconds(now: unknown): number {
  return wholeSeconds(now, 'now');
}

/** The limit that `decrypt` was asked for: none without a `ttl`. `clock` gives seconds since 1970. */
export function timeLimit(options: unknown, clock: () => number): TimeLimit | undefined {
  const { ttl } = record(options);
  return ttl === undefined ? undefined : { ttl: wholeSeconds(ttl, 'ttl'), now: clock() };
}

/** The limit that `decryptAtTime` was given in full. */
export function timeLimitAt(options: unknown): TimeLimit {
  const { ttl, now } = record(options);
  return { ttl: wholeSeconds(ttl, 'ttl'), now: unixSeconds(now) };
}

function wholeSeconds(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw bad(`${name} must be a whole number of seconds, 0 or more`);
  }
  return value;
}

/** A bare number is refused with the rest: taken for "no options", it would be a time-to-live that is never enforced. */
function record(options: unknown): { readonly ttl?: unknown; readonly now?: unknown } {
  if (typeof options !== 'object' || options === null) throw bad('options must be an object such as { ttl: 60 }');
  return options;
}

/** Real ones: a Proxy of a Uint8Array is an instance too, and could say something else each time it is read. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && value instanceof Uint8Array;
}

function bad(message: string): FernetError {
  return new FernetError('invalid-argument', message);
}
