/** Dates as certificates write them: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */

import { CaError } from '../errors.ts';
import type { Element } from './canonical-der.ts';
import { derTag, derValue } from './der-writer.ts';

function isUtcYear(year: number): boolean {
  return year >= 1950 && year <= 2049;
}

/** To the second; what is below is cut off. */
function digitsOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
}

/** DER, for the fields that are of this type whatever the year. */
export function encodeGeneralizedTime(date: Date): Uint8Array {
  return derValue(derTag.generalizedTime, Buffer.from(`${digitsOf(date)}Z`));
}

/** DER. Whole seconds; what is below is cut off. */
export function encodeTime(date: Date): Uint8Array {
  if (!isUtcYear(date.getUTCFullYear())) return encodeGeneralizedTime(date);
  return derValue(derTag.utcTime, Buffer.from(`${digitsOf(date).slice(2)}Z`));
}

/** @param digits YYYYMMDDHHMMSS, a date that exists */
function dateFrom(digits: string): Date {
  const number = (start: number, end: number) => Number(digits.slice(start, end));
  const [year, month, day] = [number(0, 4), number(4, 6) - 1, number(6, 8)];
  const date = new Date(Date.UTC(year, month, day, number(8, 10), number(10, 12), number(12, 14)));
  // Which takes 0 to 99 for years of the twentieth century.
  if (year < 100) date.setUTCFullYear(year, month, day);
  return date;
}

/** @param content of a GeneralizedTime in canonical DER */
export function decodeGeneralizedTime(content: Uint8Array): Date {
  return dateFrom(Buffer.from(content).toString('latin1'));
}

/**
 * A date in the one form that its year has.
 *
 * @param element of canonical DER
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
