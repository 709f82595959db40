/** The encodings of bytes on the wire: lower-case hex for hashes and ids, unpadded base64url for all other bytes. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';

const encoder = new TextEncoder();

/** Encodes bytes as lower-case hex. */
export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes);

/**
 * Decodes hex.
 *
 * @throws Error when the text is not hex of whole bytes
 */
export const fromHex = (text: string): Uint8Array => hexToBytes(text);

/** Encodes bytes as unpadded base64url (RFC 4648, section 5). */
export const toBase64url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes);

/**
 * Decodes base64url.
 *
 * @throws Error when the text is not canonical, unpadded base64url (RFC 4648, section 5)
 */
export const fromBase64url = (text: string): Uint8Array => base64urlnopad.decode(text);

/** Encodes a text as UTF-8. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);
