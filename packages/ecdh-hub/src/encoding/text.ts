/** Names of groups and members: text of 1 to 128 bytes in UTF-8, compared byte for byte. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** One length byte holds it, and HKDF's `info` stays below its limit. */
const maxNameBytes = 128;

/**
 * Encodes a name as UTF-8. A lone surrogate is not a name: all of them encode to the same bytes.
 *
 * @param what names the value in the error's message
 * @throws HubError `code` if the value is not such a name
 */
export function encodeName(name: string, what: string, code: HubErrorCode): Uint8Array {
  const bytes = new TextEncoder().encode(typeof name === 'string' ? name : '');
  if (bytes.length >= 1 && bytes.length <= maxNameBytes && decode(bytes) === name) return bytes;
  throw new HubError(code, `${what} must be text of 1 to ${maxNameBytes} bytes in UTF-8`);
}

/**
 * Decodes a name from UTF-8.
 *
 * @param what names the value in the error's message
 * @throws HubError `code` if the bytes are not such a name
 */
export function decodeName(bytes: Uint8Array, what: string, code: HubErrorCode): string {
  const name = decode(bytes);
  if (name !== null && bytes.length >= 1 && bytes.length <= maxNameBytes) return name;
  throw new HubError(code, `${what} must be text of 1 to ${maxNameBytes} bytes in UTF-8`);
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
