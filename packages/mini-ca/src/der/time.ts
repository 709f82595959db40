/** Reads and writes dates: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
import { CaError } from '../errors.ts';
import type { Element } from './canonical-der.ts';
import { derTag, derValue } from './der-writer.ts';

function isUtcYear(year: number): boolean {
  return year >= 1950 && year <= 2049;
}

/** Returns YYYYMMDDHHMMSS. Fractions of a second are cut off. */
function digitsOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
}

/** Encodes a date as GeneralizedTime, for fields that have this type in every year. */
export function encodeGeneralizedTime(date: Date): Uint8Array {
  return derValue(derTag.generalizedTime, Buffer.from(`${digitsOf(date)}Z`));
}

/** Encodes a date in the form that its year requires. Fractions of a second are cut off. */
export function encodeTime(date: Date): Uint8Array {
  if (!isUtcYear(date.getUTCFullYear())) return encodeGeneralizedTime(date);
  return derValue(derTag.utcTime, Buffer.from(`${digitsOf(date).slice(2)}Z`));
}

/**
 * Returns the date that the digits name.
 *
 * @param digits YYYYMMDDHHMMSS, a date that exists
 */
function dateFrom(digits: string): Date {
  const number = (start: number, end: number) => Number(digits.slice(start, end));
  const [year, month, day] = [number(0, 4), number(4, 6) - 1, number(6, 8)];
  const date = new Date(Date.UTC(year, month, day, number(8, 10), number(10, 12), number(12, 14)));
  // `Date.UTC` reads the years 0 to 99 as 1900 to 1999.
  if (year < 100) date.setUTCFullYear(year, month, day);
  return date;
}

/**
 * Decodes a GeneralizedTime.
 *
 * @param content canonical DER
 */
export function decodeGeneralizedTime(content: Uint8Array): Date {
  return dateFrom(Buffer.from(content).toString('latin1'));
}

/**
 * Decodes a date, which must have the form that its year requires.
 *
 * @param element canonical DER
 * @throws CaError `malformed`, `not-canonical`
 */
export function decodeTime({ tag, content }: Element): Date {
  if (tag === derTag.utcTime) {
    const digits = Buffer.from(content).toString('latin1');
    return dateFrom(`${digits < '50' ? '20' : '19'}${digits}`);
  }
  if (tag !== derTag.generalizedTime) throw new CaError('malformed', 'a date of another type');
  const date = decodeGeneralizedTime(content);
  if (isUtcYear(date.getUTCFullYear())) throw new CaError('not-canonical', 'a date in the wrong one of the two forms');
  return date;
}
