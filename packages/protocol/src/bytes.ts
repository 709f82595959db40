/** The encodings of bytes on the wire: lower-case hex for hashes and ids, unpadded base64url for all other bytes. */
import { backend } from '#backend';

const encoder = new TextEncoder();

/** Encodes bytes as lower-case hex. */
export const toHex = (bytes: Uint8Array): string => backend.toHex(bytes);

/** Encodes the bytes from `start` up to, not including, `end` as lower-case hex. */
export const hexOf = (bytes: Uint8Array, start: number, end: number): string => backend.toHex(bytes, start, end);

/**
 * Decodes hex.
 *
 * @throws Error when the text is not hex of whole bytes
 */
export const fromHex = (text: string): Uint8Array => backend.fromHex(text);

/** Encodes bytes as unpadded base64url (RFC 4648, section 5). */
export const toBase64url = (bytes: Uint8Array): string => backend.toBase64url(bytes);

/**
 * Decodes hex into a buffer, from a place on.
 *
 * @throws Error when the text is not hex of whole bytes, or the buffer has no room for them
 */
export const putHex = (text: string, into: Uint8Array, at: number): void => backend.putHex(text, into, at);

/** Returns bytes of any content, for what is written over all of them at once and not kept for long. */
export const allocate = (length: number): Uint8Array => backend.allocate(length);

/**
 * Decodes base64url.
 *
 * @throws Error when the text is not canonical, unpadded base64url (RFC 4648, section 5)
 */
export const fromBase64url = (text: string): Uint8Array => backend.fromBase64url(text);

/** Writes the lowest 32 bits of a whole number below 2^53, big-endian. A DataView would cost a small array its place on the heap. */
export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Encodes a text as UTF-8. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Returns the SHA-256. */
export const sha256 = (data: Uint8Array): Uint8Array => backend.sha256(data);

/** Returns the SHA-256 in lower-case hex. */
export const sha256Hex = (data: Uint8Array): string => backend.sha256Hex(data);
