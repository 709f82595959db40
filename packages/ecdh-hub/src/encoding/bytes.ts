/** Joins and compares byte strings, and checks those that callers pass. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** Joins the parts in one new array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * Joins the fields, each (up to 65,535 bytes) after its length in two bytes, big-endian. Two different lists of fields
 * never give the same bytes.
 */
export function lengthPrefixed(fields: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(fields.reduce((length, field) => length + 2 + field.length, 0));
  let offset = 0;
  for (const field of fields) {
    joined[offset] = field.length >> 8;
    joined[offset + 1] = field.length;
    joined.set(field, offset + 2);
    offset += 2 + field.length;
  }
  return joined;
}

/** Compares two byte strings in a time that depends only on their lengths. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.reduce((difference, byte, i) => difference | (byte ^ (b[i] ?? 0)), 0) === 0;
}

/** The sizes that `requireBytes` accepts, and the code of the error otherwise. */
export interface ByteLimits {
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly code: HubErrorCode;
}

/**
 * Requires a byte array whose size is within the limits.
 *
 * @param what names the value in the error's message
 * @throws HubError with the `code` of the limits
 */
export function requireBytes(value: unknown, what: string, { minBytes, maxBytes, code }: ByteLimits): void {
  const sizes = minBytes === maxBytes ? `${minBytes}` : `${minBytes} to ${maxBytes}`;
  if (!(value instanceof Uint8Array)) throw new HubError(code, `${what} must be a Uint8Array of ${sizes} bytes`);
  if (value.length < minBytes || value.length > maxBytes) {
    throw new HubError(code, `${what} must be ${sizes} bytes, this is ${value.length}`);
  }
}
