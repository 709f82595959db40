/** The encodings of bytes on the wire: lower-case hex for hashes and ids, unpadded base64url for all other bytes. */
import { backend } from '#backend';

const encoder = new TextEncoder();

/** Encodes bytes as lower-case hex. */
export const toHex = (bytes: Uint8Array): string => backend.toHex(bytes);

/**
 * Decodes hex.
 *
 * @throws Error when the text is not hex of whole bytes
 */
export const fromHex = (text: string): Uint8Array => backend.fromHex(text);

/** Encodes bytes as unpadded base64url (RFC 4648, section 5). */
export const toBase64url = (bytes: Uint8Array): string => backend.toBase64url(bytes);

/**
 * Decodes base64url.
 *
 * @throws Error when the text is not canonical, unpadded base64url (RFC 4648, section 5)
 */
export const fromBase64url = (text: string): Uint8Array => backend.fromBase64url(text);

/** Encodes a text as UTF-8. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Returns the SHA-256. */
export const sha256 = (data: Uint8Array): Uint8Array => backend.sha256(data);

/** Returns the SHA-256 in lower-case hex. */
export const sha256Hex = (data: Uint8Array): string => backend.sha256Hex(data);
