/** PEM (RFC 7468): one block with one label. Text around the block is refused, because a key file holds only a key. */
import { decodeBase64, encodeBase64 } from './base64.ts';

/** The longest PEM that is read: twenty times an encrypted P-384 key. */
const maxCharacters = 16_384;

/** The labels that this package reads and writes. */
export type PemLabel = 'PUBLIC KEY' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY';

/** Encodes DER as PEM: lines of 64 characters, and a line feed after the last line. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines = encodeBase64(der).replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** Decodes PEM to DER. Returns `null` if the text is not exactly one block with this label. */
export function decodePem(label: PemLabel, pem: string): Uint8Array | null {
  if (typeof pem !== 'string' || pem.length > maxCharacters) return null;
  const lines = pem.trim().split(/\r?\n/);
  if (lines.shift() !== `-----BEGIN ${label}-----` || lines.pop() !== `-----END ${label}-----`) return null;
  return decodeBase64(lines.join(''));
}
