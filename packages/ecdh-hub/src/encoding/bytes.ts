/** Byte strings: joining and comparing them, and checking the ones that callers pass in. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** The parts in one new array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Each field (up to 65,535 bytes) behind its length in two bytes: no two lists of fields give the same bytes. */
export function lengthPrefixed(fields: readonly Uint8Array[]): Uint8Array {
  return concat(fields.flatMap((field) => [Uint8Array.of(field.length >> 8, field.length & 0xff), field]));
}

/** In a time that depends on the lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.reduce((difference, byte, i) => difference | (byte ^ (b[i] ?? 0)), 0) === 0;
}

/** Throws `code` unless `value` is a byte array of `min` to `max` bytes. `what` names it in the message. */
export function checkBytes(value: unknown, what: string, min: number, max: number, code: HubErrorCode): void {
  const sizes = min === max ? `${min}` : `${min} to ${max}`;
  if (!(value instanceof Uint8Array)) throw new HubError(code, `${what} must be a Uint8Array of ${sizes} bytes`);
  if (value.length < min || value.length > max) {
    throw new HubError(code, `${what} must be ${sizes} bytes, this is ${value.length}`);
  }
}
