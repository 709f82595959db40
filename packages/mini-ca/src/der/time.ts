/** Reads and writes dates: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). */
import { CaError } from '../errors.ts';
import type { Element } from './canonical-der.ts';
import { derTag, derValue } from './der-writer.ts';
import { type OnDeviation, refuseDeviation } from './deviation.ts';

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

const dateForm = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(?:Z|([+-])(\d\d)(\d\d))$/;

/**
 * Returns the date that the text names. Fractions of a second are cut off.
 *
 * @param text of a GeneralizedTime in canonical DER, or of a UTCTime with the century before it
 */
function dateFrom(text: string): Date {
  const [, year, month, day, hour, minute, second = 0, sign, offsetHours = 0, offsetMinutes = 0] =
    dateForm.exec(text) ?? [];
  const date = new Date(Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)));
  // `Date.UTC` reads the years 0 to 99 as 1900 to 1999.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return offset === 0 ? date : new Date(date.getTime() - (sign === '-' ? -offset : offset));
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
 * Decodes a date. A deviation is a date in a form that its year does not have, without seconds, with a fraction of a second or
 * with an offset from UTC.
 *
 * @param element canonical DER
 * @throws CaError `malformed` for a value that is not a date
 */
export function decodeTime({ tag, content }: Element, onDeviation: OnDeviation = refuseDeviation): Date {
  const text = Buffer.from(content).toString('latin1');
  if (tag === derTag.utcTime) {
    if (!/^\d{12}Z$/.test(text)) onDeviation(oldForm());
    return dateFrom(`${text < '50' ? '20' : '19'}${text}`);
  }
  if (tag !== derTag.generalizedTime) throw new CaError('malformed', 'a date of another type');
  const date = dateFrom(text);
  if (!/^\d{14}Z$/.test(text)) onDeviation(oldForm());
  else if (isUtcYear(date.getUTCFullYear())) {
    onDeviation(new CaError('not-canonical', 'a date in the wrong one of the two forms'));
  }
  return date;
}

function oldForm(): CaError {
  return new CaError('not-canonical', 'a date without seconds, with a fraction of a second or with an offset from UTC');
}
