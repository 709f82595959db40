/** PEM (RFC 7468): one block with one label. White space at line ends, any line break and text around the block are ignored. */
import { decodeBase64, encodeBase64 } from './base64.ts';

/** The longest PEM that is read: more than twenty times an encrypted key. */
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
  const lines = pem.split(/\r\n?|\n/).map((line) => line.trim());
  const boundaries = lines.flatMap((line, at) => (line.startsWith('-----') ? [at] : []));
  const [begin, end, ...more] = boundaries;
  if (begin === undefined || end === undefined || more.length > 0) return null;
  if (lines[begin] !== `-----BEGIN ${label}-----` || lines[end] !== `-----END ${label}-----`) return null;
  return decodeBase64(lines.slice(begin + 1, end).join(''));
}

/** Returns whether the text has a private key in another form than PKCS #8: SEC 1, PKCS #1 or that of OpenSSH. */
export function isOtherKeyForm(pem: string): boolean {
  return (
    typeof pem === 'string' && /-----BEGIN (?:EC|RSA|DSA|OPENSSH) PRIVATE KEY-----/.test(pem.slice(0, maxCharacters))
  );
}
