/** A token's timestamp: seconds since 1970 as an unsigned 64-bit number, kept in two halves so that no bit is ever lost. */

export interface Timestamp {
  readonly high: number;
  readonly low: number;
}

/** How far in the future a token may claim to be from, seconds: the tolerance for clocks that differ. */
const MAX_CLOCK_SKEW = 60;

/** The longest age that is accepted and the time at which it is judged, both in whole seconds. */
export interface TimeLimit {
  readonly ttl: number;
  readonly now: number;
}

/** Takes whole seconds from 0 to 2^53 - 1. */
export function timestampOf(seconds: number): Timestamp {
  return { high: Math.floor(seconds / 2 ** 32), low: seconds >>> 0 };
}

/** Exact up to 2^53 - 1; above it, the nearest number there is. */
export function secondsOf({ high, low }: Timestamp): number {
  return high * 2 ** 32 + low;
}

export function isTimely(timestamp: Timestamp, { ttl, now }: TimeLimit): boolean {
  const created = secondsOf(timestamp);
  return created + ttl >= now && created <= now + MAX_CLOCK_SKEW;
}

export function readTimestamp(bytes: Uint8Array, offset: number): Timestamp {
  return { high: readUint32(bytes, offset), low: readUint32(bytes, offset + 4) };
}

export function writeTimestamp(bytes: Uint8Array, offset: number, { high, low }: Timestamp): void {
  writeUint32(bytes, offset, high);
  writeUint32(bytes, offset + 4, low);
}

function readUint32(bytes: Uint8Array, offset: number): number {
  let value = 0;
  for (let i = offset; i < offset + 4; i++) value = (value << 8) | (bytes[i] ?? 0);
  return value >>> 0;
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[offset + i] = value >>> (24 - 8 * i);
}
