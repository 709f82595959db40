/** Checks of what callers pass. Values are not repeated in messages: they may be secret. */

import { IV_LENGTH } from './envelope.ts';
import { FernetError } from './errors.ts';
import { encodeText } from './text.ts';
import type { TimeLimit } from './timestamp.ts';

/** The most that one token carries, bytes: the token's text stays within the longest string of every JavaScript engine. */
const MAX_DATA_LENGTH = 2 ** 28;

/** Of a password's salt, bytes: enough that no two are ever alike by chance. */
const MIN_SALT_LENGTH = 16;

export function dataBytes(data: unknown): Uint8Array {
  const bytes = typeof data === 'string' ? encodeText(data) : data;
  if (!(bytes instanceof Uint8Array)) throw bad('data must be a string or a Uint8Array');
  if (bytes.length > MAX_DATA_LENGTH) throw bad('data is longer than 256 MiB: cut it into several tokens');
  return bytes;
}

export function tokenText(token: unknown): string {
  if (typeof token !== 'string') throw bad('a token must be a string');
  return token;
}

/** Memory that another thread could change between verification and decryption is copied first. */
export function tokenBytes(token: unknown): Uint8Array {
  if (!(token instanceof Uint8Array)) throw bad('a raw token must be a Uint8Array');
  return token.buffer instanceof ArrayBuffer ? token : new Uint8Array(token);
}

/** A piece of a stream. */
export function pieceBytes(piece: unknown): Uint8Array {
  if (!(piece instanceof Uint8Array))
    throw bad('a stream takes Uint8Arrays: pipe text through a TextEncoderStream first');
  return piece;
}

export function passwordBytes(password: unknown): Uint8Array {
  const bytes = typeof password === 'string' ? encodeText(password) : password;
  if (!(bytes instanceof Uint8Array)) throw bad('the password must be a string or a Uint8Array');
  if (bytes.length === 0) throw bad('the password is empty');
  return bytes;
}

export function saltBytes(salt: unknown): Uint8Array {
  if (!(salt instanceof Uint8Array) || salt.length < MIN_SALT_LENGTH) {
    throw bad('the salt must be a Uint8Array of 16 bytes or more: make one with generateSalt()');
  }
  return salt;
}

export function ivBytes(iv: unknown): Uint8Array {
  if (!(iv instanceof Uint8Array) || iv.length !== IV_LENGTH) throw bad('the IV must be a Uint8Array of 16 bytes');
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

function bad(message: string): FernetError {
  return new FernetError('invalid-argument', message);
}
