/**
 * Base64 with padding, for PEM (RFC 4648, section 4), and base64url without padding, for JWKs and challenges (RFC 4648,
 * section 5; RFC 7515, section 2). Each byte string has exactly one text in each.
 */
import { base64, base64urlnopad } from '@scure/base';

/** Encodes bytes as base64 with padding, without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** Decodes base64. Returns `null` for foreign characters, missing padding, or spare bits that are not zero. */
export function decodeBase64(text: string): Uint8Array | null {
  return decoded(base64, text);
}

/** Encodes bytes as base64url without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** Decodes base64url. Returns `null` for foreign characters, padding, or spare bits that are not zero. */
export function decodeBase64Url(text: string): Uint8Array | null {
  return decoded(base64urlnopad, text);
}

/** The error is dropped, because its message quotes a letter of the text, and the text may hold a private key. */
function decoded(coder: { decode(text: string): Uint8Array }, text: string): Uint8Array | null {
  try {
    return coder.decode(text);
  } catch {
    return null;
  }
}
