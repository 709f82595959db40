/** The two text forms that bytes take on the wire: lower-case hex for hashes and ids, unpadded base64url for the rest. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { base64urlnopad } from '@scure/base';

const encoder = new TextEncoder();

export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes);

/** Throws when the text is not hex of whole bytes. */
export const fromHex = (text: string): Uint8Array => hexToBytes(text);

export const toBase64url = (bytes: Uint8Array): string => base64urlnopad.encode(bytes);

/** Throws when the text is not canonical, unpadded base64url (RFC 4648, section 5). */
export const fromBase64url = (text: string): Uint8Array => base64urlnopad.decode(text);

export const utf8 = (text: string): Uint8Array => encoder.encode(text);
