/** Serial numbers: positive and at most 20 bytes (RFC 5280 section 4.1.2.2). */
import { randomBytes } from 'node:crypto';
import { integer } from '../der/der-writer.ts';
import { CaError } from '../errors.ts';

const maxSerialBytes = 20;
const randomSerialBytes = 16;

function badSerial(why: string): CaError {
  return new CaError(
    'bad-argument',
    `a serial number is a positive integer of at most ${maxSerialBytes} bytes, not ${why}`,
  );
}

/** Returns 128 random bits: unpredictable, and unique without a counter. */
export function randomSerial(): Uint8Array {
  return randomBytes(randomSerialBytes);
}

/**
 * Encodes a serial number as INTEGER.
 *
 * @param serial a positive number, or its bytes, most significant byte first
 * @throws CaError `bad-argument`
 */
export function encodeSerial(serial: bigint | Uint8Array): Uint8Array {
  const number = typeof serial === 'bigint' ? serial : BigInt(`0x0${Buffer.from(serial).toString('hex')}`);
  if (number <= 0n) throw badSerial('zero or less');
  const der = integer(number);
  // The tag and the length take one byte each.
  if (der.length - 2 > maxSerialBytes) throw badSerial(`${der.length - 2} bytes`);
  return der;
}

/**
 * Returns a serial number in lower-case hexadecimal, without the sign byte.
 *
 * @param content the content of a DER INTEGER
 * @throws CaError `malformed`
 */
export function serialHex(content: Uint8Array): string {
  const hex = Buffer.from(content[0] === 0 ? content.subarray(1) : content).toString('hex');
  if (hex === '' || (content[0] ?? 0) >= 0x80 || content.length > maxSerialBytes) {
    throw new CaError('malformed', 'a serial number that is not positive or is longer than 20 bytes');
  }
  return hex;
}
