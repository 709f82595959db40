/** Byte strings: joining them, and checking the ones that callers pass in. */
import { HubError, type HubErrorCode } from './error.ts';

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

/** Throws `code` unless `value` is a byte array of `min` to `max` bytes. `what` names it in the message. */
export function checkBytes(value: unknown, what: string, min: number, max: number, code: HubErrorCode): void {
  const sizes = min === max ? `${min}` : `${min} to ${max}`;
  if (!(value instanceof Uint8Array)) throw new HubError(code, `${what} must be a Uint8Array of ${sizes} bytes`);
  if (value.length < min || value.length > max) {
    throw new HubError(code, `${what} must be ${sizes} bytes, this is ${value.length}`);
  }
}
