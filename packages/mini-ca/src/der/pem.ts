/** Reads and writes PEM (RFC 7468): one block with the expected label. Text around it and white space at line ends are ignored. */
import { CaError } from '../errors.ts';

/** Longer PEM input is refused without parsing. */
const maxPemCharacters = 65_536;
/** Longer DER input is refused without parsing. DER within this limit is within `maxPemCharacters` as PEM. */
export const maxDerBytes = 48_000;
/** The limit for the DER of a revocation list: about 100 000 entries. */
const maxListBytes = 4 * 1024 * 1024;

/** The labels of the blocks that this library handles. */
export type PemLabel =
  | 'PUBLIC KEY'
  | 'CERTIFICATE'
  | 'CERTIFICATE REQUEST'
  | 'X509 CRL'
  | 'PRIVATE KEY'
  | 'ENCRYPTED PRIVATE KEY';

/** The label that old programs give a request (RFC 7468 section 7). */
const oldRequestLabel = 'NEW CERTIFICATE REQUEST';

/** Returns the limits for the text and for its content. */
function limitsOf(label: PemLabel): { characters: number; bytes: number } {
  if (label !== 'X509 CRL') return { characters: maxPemCharacters, bytes: maxDerBytes };
  return { characters: Math.ceil(maxListBytes * 1.4), bytes: maxListBytes };
}

function tooLarge(limit: string): CaError {
  return new CaError('too-large', `the input is over ${limit}`);
}

function notText(label: PemLabel): CaError {
  return new CaError('bad-argument', `expected PEM text or the bytes of DER of a ${label.toLowerCase()}`);
}

/** Encodes DER as one PEM block with lines of 64 characters. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Returns the old label of a request if the block has it, and otherwise `label`. */
function labelOf(label: PemLabel, first: string | undefined): string {
  const isOld = label === 'CERTIFICATE REQUEST' && first === `-----BEGIN ${oldRequestLabel}-----`;
  return isOld ? oldRequestLabel : label;
}

/**
 * Decodes a PEM block.
 *
 * @returns DER
 * @throws CaError `malformed`, `too-large`
 */
export function decodePem(label: PemLabel, pem: string): Uint8Array<ArrayBuffer> {
  if (typeof pem !== 'string') throw notText(label);
  const { characters, bytes } = limitsOf(label);
  if (pem.length > characters) throw tooLarge(`${characters} characters`);
  const lines = pem.split(/\r\n?|\n/).map((line) => line.trim());
  const [begin = -1, end = -1, ...more] = lines.flatMap((line, at) => (line.startsWith('-----') ? [at] : []));
  const found = labelOf(label, lines[begin]);
  const isBlock = lines[begin] === `-----BEGIN ${found}-----` && lines[end] === `-----END ${found}-----`;
  if (!isBlock || more.length > 0) throw new CaError('malformed', `expected one PEM block "${label}"`);
  const base64 = lines.slice(begin + 1, end).join('');
  const der = Buffer.from(base64, 'base64');
  // The decoder skips characters that are not base64, such as those of a second block. Encoding again detects that.
  if (der.length === 0 || der.toString('base64') !== base64) {
    throw new CaError('malformed', `the PEM block "${label}" is not clean base64`);
  }
  if (der.length > bytes) throw tooLarge(`${bytes} bytes`);
  return new Uint8Array(der);
}

/**
 * Returns a copy of DER input, or decodes PEM input.
 *
 * @throws CaError `malformed`, `too-large`
 */
export function derFrom(label: PemLabel, input: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof input === 'string') return decodePem(label, input);
  if (!ArrayBuffer.isView(input)) throw notText(label);
  const { bytes } = limitsOf(label);
  if (input.length > bytes) throw tooLarge(`${bytes} bytes`);
  return new Uint8Array(input);
}
