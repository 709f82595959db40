/** Converts object identifiers between dotted text and DER (X.690 section 8.19). */
import { CaError } from '../errors.ts';
import { derTag, derValue } from './der-writer.ts';

/** No certificate needs a longer one. The bound matters because decoding takes time in the square of the length. */
const maxContentBytes = 64;

function base128(arc: bigint): number[] {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return bytes;
}

/** Encoded identifiers. Only those in this library's tables and in profiles are encoded, so it holds a few dozen. */
const written = new Map<string, Uint8Array>();

/** Encodes an OBJECT IDENTIFIER. */
export function encodeObjectIdentifier(dotted: string): Uint8Array {
  const known = written.get(dotted);
  if (known !== undefined) return known;
  const [first = 0n, second = 0n, ...others] = dotted.split('.').map(BigInt);
  const der = derValue(derTag.objectIdentifier, Buffer.from([first * 40n + second, ...others].flatMap(base128)));
  written.set(dotted, der);
  return der;
}

/**
 * Decodes an object identifier.
 *
 * @param content of a canonical OBJECT IDENTIFIER
 * @returns dotted text
 * @throws CaError `malformed` when the content is longer than 64 bytes
 */
export function decodeObjectIdentifier(content: Uint8Array): string {
  if (content.length > maxContentBytes)
    throw new CaError('malformed', `an object identifier of over ${maxContentBytes} bytes`);
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [head = 0n, ...others] = arcs;
  const first = head < 80n ? head / 40n : 2n;
  return [first, head - first * 40n, ...others].join('.');
}
