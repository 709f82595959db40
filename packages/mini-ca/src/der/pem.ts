/** PEM (RFC 7468): exactly one block, of the label asked for, with nothing but white space around it. */
import { CaError } from '../errors.ts';

/** PEM input above this many characters is refused before it is looked at. */
const maxPemCharacters = 65_536;
/** The same for DER: whatever is within it stays within the other limit as PEM. */
export const maxDerBytes = 48_000;
/** Revocation lists are longer: some 100 000 entries. */
const maxListBytes = 4 * 1024 * 1024;

export type PemLabel =
  | 'PUBLIC KEY'
  | 'CERTIFICATE'
  | 'CERTIFICATE REQUEST'
  | 'X509 CRL'
  | 'PRIVATE KEY'
  | 'ENCRYPTED PRIVATE KEY';

/** What old programs call a request (RFC 7468 section 7). */
const oldRequestLabel = 'NEW CERTIFICATE REQUEST';

/** Of the text and of its content. */
function limitsOf(label: PemLabel): { characters: number; bytes: number } {
  if (label !== 'X509 CRL') return { characters: maxPemCharacters, bytes: maxDerBytes };
  return { characters: Math.ceil(maxListBytes * 1.4), bytes: maxListBytes };
}

function tooLarge(limit: string): CaError {
  return new CaError('too-large', `the input is over ${limit}`);
}

export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The block's own label, if it is one that is taken for `label`. */
function labelOf(label: PemLabel, first: string | undefined): string {
  const isOld = label === 'CERTIFICATE REQUEST' && first === `-----BEGIN ${oldRequestLabel}-----`;
  return isOld ? oldRequestLabel : label;
}

/**
 * The DER inside of a PEM block.
 *
 * @throws CaError `malformed`, `too-large`
 */
export function decodePem(label: PemLabel, pem: string): Uint8Array<ArrayBuffer> {
  const { characters, bytes } = limitsOf(label);
  if (pem.length > characters) throw tooLarge(`${characters} characters`);
  const lines = pem.trim().split(/\r?\n/);
  const [first, last] = [lines.shift()?.trimEnd(), lines.pop()];
  const found = labelOf(label, first);
  if (first !== `-----BEGIN ${found}-----` || last !== `-----END ${found}-----`) {
    throw new CaError('malformed', `expected one PEM block "${label}" and nothing else`);
  }
  const base64 = lines.map((line) => line.trimEnd()).join('');
  const der = Buffer.from(base64, 'base64');
  // The decoder skips what it does not know, a second block for example; the way back shows it.
  if (der.length === 0 || der.toString('base64') !== base64) {
    throw new CaError('malformed', `the PEM block "${label}" is not clean base64`);
  }
  if (der.length > bytes) throw tooLarge(`${bytes} bytes`);
  return new Uint8Array(der);
}

/**
 * PEM or DER in, DER out.
 *
 * @throws CaError `malformed`, `too-large`
 */
export function derFrom(label: PemLabel, input: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof input === 'string') return decodePem(label, input);
  const { bytes } = limitsOf(label);
  if (input.length > bytes) throw tooLarge(`${bytes} bytes`);
  return new Uint8Array(input);
}
