/** Serial numbers: positive and at most 20 bytes (RFC 5280 section 4.1.2.2). */
import { randomBytes } from 'node:crypto';
import { integer } from '../der/der-writer.ts';
import { type OnDeviation, refuseDeviation } from '../der/deviation.ts';
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

/** The longest serial number that is read. */
const maxReadBytes = 64;

/**
 * Returns a serial number in lower-case hexadecimal, without the sign byte. A negative number has a minus before its magnitude.
 * A deviation is a number that is not positive or is longer than 20 bytes (RFC 5280 section 4.1.2.2: verifiers should be prepared).
 *
 * @param content the content of a DER INTEGER
 * @throws CaError `malformed` for more than 64 bytes
 */
export function serialHex(content: Uint8Array, onDeviation: OnDeviation = refuseDeviation): string {
  const [first = 0] = content;
  if (content.length === 0 || content.length > maxReadBytes) {
    throw new CaError('malformed', `a serial number of ${content.length} bytes`);
  }
  const isZero = content.length === 1 && first === 0;
  if (isZero || first >= 0x80 || content.length > maxSerialBytes) {
    onDeviation(new CaError('malformed', 'a serial number that is not positive or is longer than 20 bytes'));
  }
  const hex = Buffer.from(content).toString('hex');
  if (first >= 0x80) {
    const magnitude = (1n << BigInt(content.length * 8)) - BigInt(`0x${hex}`);
    const digits = magnitude.toString(16);
    return `-${digits.length % 2 === 0 ? digits : `0${digits}`}`;
  }
  return first === 0 && !isZero ? hex.slice(2) : hex;
}
