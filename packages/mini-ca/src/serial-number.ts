/** Serial numbers: positive and at most 20 bytes (RFC 5280 section 4.1.2.2). */
import { CaError } from './errors.ts';
import { arrayBufferOf } from './structure.ts';

const MAX_BYTES = 20;

function badSerial(why: string): CaError {
  return new CaError('bad-argument', `a serial number is a positive integer of at most ${MAX_BYTES} bytes, not ${why}`);
}

/**
 * The content of the DER INTEGER.
 *
 * @param serial a positive number, or its bytes, most significant first
 * @throws CaError `bad-argument`
 */
export function encodeSerial(serial: bigint | Uint8Array): ArrayBuffer {
  const number = typeof serial === 'bigint' ? serial : BigInt(`0x0${Buffer.from(serial).toString('hex')}`);
  if (number <= 0n) throw badSerial('zero or less');
  const hex = number.toString(16);
  // Whole bytes, and a zero byte in front where the first bit would mean a minus sign.
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(even < '80' ? even : `00${even}`, 'hex');
  if (bytes.length > MAX_BYTES) throw badSerial(`${bytes.length} bytes`);
  return arrayBufferOf(bytes);
}

/**
 * @param content the content of a DER INTEGER
 * @throws CaError `malformed`
 */
export function serialHex(content: Uint8Array): string {
  const hex = Buffer.from(content[0] === 0 ? content.subarray(1) : content).toString('hex');
  if (hex === '' || (content[0] ?? 0) >= 0x80 || content.length > MAX_BYTES) {
    throw new CaError('malformed', 'a serial number that is not positive or is over 20 bytes');
  }
  return hex;
}
