/** The key usage extension (RFC 5280 section 4.2.1.3): nine named bits. */
import { derTag, derValue } from '../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../der/deviation.ts';
import { CaError } from '../errors.ts';

/** The bits of the extension. Bit n has the value 2 to the power of n. */
export const keyUsageBits = {
  digitalSignature: 1,
  nonRepudiation: 2,
  keyEncipherment: 4,
  dataEncipherment: 8,
  keyAgreement: 16,
  keyCertSign: 32,
  cRLSign: 64,
  encipherOnly: 128,
  decipherOnly: 256,
} as const;

const namedBits = 9;

/**
 * Encodes the value of a key usage extension.
 *
 * @param flags a sum of `keyUsageBits`, not 0
 * @returns DER: a BIT STRING without trailing zeros (X.690 section 11.2.2)
 */
export function encodeKeyUsage(flags: number): Uint8Array {
  const count = 32 - Math.clz32(flags);
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (let bit = 0; bit < count; bit++) {
    if ((flags & (1 << bit)) !== 0) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  }
  return derValue(derTag.bitString, Uint8Array.of(bytes.length * 8 - count), bytes);
}

/**
 * Reads the value of a key usage extension. Deviations are no bits, which allow no use, bits without a name, which are ignored, and
 * trailing zeros.
 *
 * @param content of a canonical BIT STRING
 * @returns a sum of `keyUsageBits`
 */
export function readKeyUsage(content: Uint8Array, onDeviation: OnDeviation = refuseDeviation): number {
  const count = (content.length - 1) * 8 - (content[0] ?? 0);
  let flags = 0;
  for (let bit = 0; bit < count && bit < namedBits; bit++) {
    if (((content[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) flags |= 1 << bit;
  }
  if (count < 1 || count > namedBits) {
    onDeviation(new CaError('malformed', 'a key usage that is empty or has unknown bits'));
  } else if (flags >> (count - 1) !== 1) {
    // The highest bit is the last one.
    onDeviation(new CaError('not-canonical', 'a key usage with trailing zeros'));
  }
  return flags;
}
