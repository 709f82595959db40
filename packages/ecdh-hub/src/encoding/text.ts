/** Names of groups and members: text of 1 to 128 bytes in UTF-8. Without meaning here, so compared byte for byte. */
import { HubError, type HubErrorCode } from '../errors.ts';

/** Bytes: one length byte holds it, and it keeps HKDF's `info` below its limit. */
const MAX_NAME = 128;

/** The name as UTF-8. Throws `code` for what is no name, such as a lone surrogate: two of those would look alike. */
export function encodeName(name: string, what: string, code: HubErrorCode): Uint8Array {
  const bytes = new TextEncoder().encode(typeof name === 'string' ? name : '');
  if (bytes.length >= 1 && bytes.length <= MAX_NAME && decode(bytes) === name) return bytes;
  throw new HubError(code, `${what} must be text of 1 to ${MAX_NAME} bytes in UTF-8`);
}

/** The name that these bytes are, or `code` thrown. */
export function decodeName(bytes: Uint8Array, what: string, code: HubErrorCode): string {
  const name = decode(bytes);
  if (name !== undefined && bytes.length >= 1 && bytes.length <= MAX_NAME) return name;
  throw new HubError(code, `${what} must be text of 1 to ${MAX_NAME} bytes in UTF-8`);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
