/**
 * PEM (RFC 7468): one block with one label. Text around the block is refused: a key file holds a key and nothing else.
 */
import { decodeBase64, encodeBase64 } from './base64.ts';

/** Longest PEM looked at, in characters: twenty times an encrypted P-384 key. */
const maxLength = 16_384;

export type PemLabel = 'PUBLIC KEY' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY';

/** Lines of 64 characters, a line feed after the last. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines = encodeBase64(der).replace(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** The DER bytes, or undefined when the text is not exactly one block of this label. */
export function decodePem(label: PemLabel, pem: string): Uint8Array | undefined {
  if (typeof pem !== 'string' || pem.length > maxLength) return undefined;
  const lines = pem.trim().split(/\r?\n/);
  if (lines.shift() !== `-----BEGIN ${label}-----` || lines.pop() !== `-----END ${label}-----`) return undefined;
  return decodeBase64(lines.join(''));
}
