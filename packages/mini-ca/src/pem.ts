/** PEM (RFC 7468): exactly one block, of the label asked for, with nothing but white space around it. */
import { CaError } from './errors.ts';

/** PEM input above this many characters is refused before it is looked at. */
const MAX_PEM_LENGTH = 65_536;
/** The same for DER: whatever is within it stays within the other limit as PEM. */
export const MAX_DER_BYTES = 48_000;

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'PRIVATE KEY' | 'ENCRYPTED PRIVATE KEY';

export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/**
 * The DER inside of a PEM block.
 *
 * @throws CaError `malformed`
 */
export function decodePem(label: PemLabel, pem: string): Uint8Array<ArrayBuffer> {
  if (pem.length > MAX_PEM_LENGTH) throw new CaError('malformed', `the input is over ${MAX_PEM_LENGTH} characters`);
  const lines = pem.trim().split(/\r?\n/);
  const [first, last] = [lines.shift(), lines.pop()];
  if (first?.trimEnd() !== `-----BEGIN ${label}-----` || last !== `-----END ${label}-----`) {
    throw new CaError('malformed', `expected one PEM block "${label}" and nothing else`);
  }
  const base64 = lines.map((line) => line.trimEnd()).join('');
  const der = Buffer.from(base64, 'base64');
  // The decoder skips what it does not know, a second block for example; the way back shows it.
  if (der.length === 0 || der.toString('base64') !== base64) {
    throw new CaError('malformed', `the PEM block "${label}" is not clean base64`);
  }
  return new Uint8Array(der);
}

/** PEM or DER in, DER out. */
export function derFrom(label: PemLabel, input: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof input === 'string') return decodePem(label, input);
  if (input.length > MAX_DER_BYTES) throw new CaError('malformed', `the input is over ${MAX_DER_BYTES} bytes`);
  return new Uint8Array(input);
}
