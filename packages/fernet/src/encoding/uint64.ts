/** Unsigned 64-bit numbers, big-endian, in two halves so that no bit is lost. */

/** An unsigned 64-bit number. */
export interface Uint64 {
  readonly high: number;
  readonly low: number;
}

/** Converts a whole number from 0 to 2^53 - 1. */
export function uint64(value: number): Uint64 {
  return { high: Math.floor(value / 2 ** 32), low: value >>> 0 };
}

/** Returns the number, exact up to 2^53 - 1, else the nearest one. */
export function numberOf({ high, low }: Uint64): number {
  return high * 2 ** 32 + low;
}

/** Reads 8 bytes. */
export function readUint64(bytes: Uint8Array, offset: number): Uint64 {
  return { high: readUint32(bytes, offset), low: readUint32(bytes, offset + 4) };
}

/** Writes 8 bytes. */
export function writeUint64(bytes: Uint8Array, offset: number, { high, low }: Uint64): void {
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
