/** Base64url without padding (RFC 4648, section 5): each byte string has exactly one text. */
import { base64urlnopad } from '@scure/base';
import { HubError } from '../errors.ts';

/** Encodes bytes as base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/**
 * Decodes the text that `toBase64url` makes of `size` bytes, and no other text.
 *
 * @param what names the value in the error's message
 * @throws HubError `invalid-state`
 */
export function fromBase64url(text: unknown, what: string, size: number): Uint8Array {
  // The length is compared first, so that the time for a hostile text does not depend on its length.
  if (typeof text === 'string' && text.length === Math.ceil((size * 8) / 6)) {
    try {
      return base64urlnopad.decode(text);
    } catch {
      // Without the cause, because its message quotes a letter of the text, and the text may be a secret.
    }
  }
  throw new HubError('invalid-state', `${what} must be ${size} bytes in base64url without padding`);
}
