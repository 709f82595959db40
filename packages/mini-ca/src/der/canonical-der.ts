/**
 * Checks that bytes are canonical DER (X.690 sections 8, 10 and 11): one value in its only encoding, with nothing after it.
 * It does not know structures. `DerReader` does not check encodings, so it must only be given bytes that this file has checked.
 */
import { CaError } from '../errors.ts';

const maxDepth = 16;
const constructedBit = 0x20;
const contextClass = 0x80;

const sequenceTag = 0x30;
const setTag = 0x31;

const utf8 = new TextDecoder('utf-8', { fatal: true });

function text(content: Uint8Array): string {
  return utf8.decode(content);
}

function isMinimalInteger(content: Uint8Array): boolean {
  const [first, second] = content;
  if (first === undefined) return false;
  if (second === undefined) return true;
  return !(first === 0x00 && second < 0x80) && !(first === 0xff && second >= 0x80);
}

function isBitString(content: Uint8Array): boolean {
  const unused = content[0];
  if (unused === undefined || unused > 7) return false;
  if (content.length === 1) return unused === 0;
  const last = content[content.length - 1] ?? 0;
  return (last & ((1 << unused) - 1)) === 0;
}

function isObjectIdentifier(content: Uint8Array): boolean {
  const last = content[content.length - 1];
  if (last === undefined || last >= 0x80) return false;
  // 0x80 at the start of an arc is padding.
  return content.every((byte, i) => byte !== 0x80 || (i > 0 && (content[i - 1] ?? 0) >= 0x80));
}

function isUtf8(content: Uint8Array): boolean {
  try {
    text(content);
    return true;
  } catch {
    return false;
  }
}

/** True for an existing date. `decodeTime` reports the forms that RFC 5280 section 4.1.2.5 does not allow. */
function isTime(content: Uint8Array, pattern: RegExp): boolean {
  if (!isUtf8(content)) return false;
  const match = pattern.exec(text(content));
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(2000 + (year % 400), month - 1, day, hour, minute, second));
  return (
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute
  );
}

const twoDigits = '(\\d\\d)';
/** The time zone: UTC, or an offset from it. Local time without a zone is not a point in time. */
const zone = '(?:Z|[+-](?:0\\d|1[0-4])[0-5]\\d)';
/** Seconds are optional (X.690 section 11.8 requires them; certificates of the nineties lack them). */
const utcTime = new RegExp(`^${twoDigits.repeat(5)}${twoDigits}?${zone}$`);
const generalizedTime = new RegExp(`^(\\d{4})${twoDigits.repeat(4)}(?:${twoDigits}(?:[.,]\\d{1,9})?)?${zone}$`);

/** Checks the contents of the universal types that certificates and requests consist of. Every other tag is refused. */
const primitives: ReadonlyMap<number, (content: Uint8Array) => boolean> = new Map([
  [0x01, (content) => content.length === 1 && (content[0] === 0x00 || content[0] === 0xff)],
  [0x02, isMinimalInteger],
  [0x03, isBitString],
  [0x04, () => true],
  [0x05, (content) => content.length === 0],
  [0x06, isObjectIdentifier],
  [0x0a, isMinimalInteger],
  [0x0c, isUtf8],
  [0x13, (content) => isUtf8(content) && /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text(content))],
  [0x12, (content) => content.every((byte) => byte === 0x20 || (byte >= 0x30 && byte <= 0x39))],
  [0x14, () => true],
  [0x16, (content) => content.every((byte) => byte < 0x80)],
  [0x17, (content) => isTime(content, utcTime)],
  [0x18, (content) => isTime(content, generalizedTime)],
  [0x1a, (content) => content.every((byte) => byte >= 0x20 && byte < 0x7f)],
  // GeneralString switches between character sets. Certificates use it as ASCII or Latin-1.
  [0x1b, () => true],
  [0x1c, (content) => content.length % 4 === 0],
  [0x1e, (content) => content.length % 2 === 0],
]);

function notDer(why: string): CaError {
  return new CaError('not-canonical', `not canonical DER: ${why}`);
}

/** For bytes that are no encoding at all, canonical or not. */
function malformed(why: string): CaError {
  return new CaError('malformed', `not a DER value: ${why}`);
}

interface Value {
  readonly tag: number;
  readonly contentStart: number;
  readonly end: number;
}

/** Returns the value that starts at `start` and ends at or before `limit`. Requires the minimal form of the length. */
function valueAt(bytes: Uint8Array, start: number, limit: number): Value {
  const tag = bytes[start];
  const lengthByte = bytes[start + 1];
  if (tag === undefined || lengthByte === undefined || start + 2 > limit) throw malformed('cut short');
  if ((tag & 0x1f) === 0x1f) throw notDer('a tag of more than one byte');

  let contentStart = start + 2;
  let length = lengthByte;
  if (lengthByte >= 0x80) {
    const size = lengthByte - 0x80;
    if (size < 1 || size > 3) throw notDer('an indefinite or oversized length');
    if (contentStart + size > limit) throw malformed('cut short');
    length = bytes.subarray(contentStart, contentStart + size).reduce((sum, byte) => sum * 256 + byte, 0);
    contentStart += size;
    if (length < 0x80 || length < 256 ** (size - 1)) throw notDer('a length that is not minimal');
  }
  const end = contentStart + length;
  if (end > limit) throw malformed('cut short');
  return { tag, contentStart, end };
}

function isConstructed(tag: number): boolean {
  return tag === sequenceTag || tag === setTag || (tag & 0xe0) === (contextClass | constructedBit);
}

/** Checks the value that starts at `start` and all values inside it. Returns where it ends. */
function walk(bytes: Uint8Array, start: number, limit: number, depth: number): number {
  if (depth > maxDepth) throw malformed('nested too deeply');
  const { tag, contentStart, end } = valueAt(bytes, start, limit);
  if (isConstructed(tag)) {
    let previous: Uint8Array | undefined;
    for (let at = contentStart; at < end; ) {
      const next = walk(bytes, at, end, depth + 1);
      const element = bytes.subarray(at, next);
      if (tag === setTag && previous !== undefined && Buffer.compare(previous, element) >= 0) {
        throw notDer('an unsorted set');
      }
      previous = element;
      at = next;
    }
    return end;
  }
  // Only the reader of the structure knows the type behind a context tag.
  if ((tag & 0xe0) === contextClass) return end;
  if (primitives.get(tag)?.(bytes.subarray(contentStart, end)) !== true) {
    throw notDer(`an invalid value or unexpected type (tag 0x${tag.toString(16).padStart(2, '0')})`);
  }
  return end;
}

/**
 * Refuses bytes that are not exactly one value in canonical DER.
 *
 * @throws CaError `malformed` for a value that is cut short or nested deeper than 16 levels
 * @throws CaError `not-canonical`, `trailing-bytes`
 */
export function requireCanonicalDer(bytes: Uint8Array): void {
  if (walk(bytes, 0, bytes.length, 0) !== bytes.length) {
    throw new CaError('trailing-bytes', 'bytes after the end of the value');
  }
}

/**
 * Returns the encoding of one value inside other values, as a view of `bytes`.
 *
 * @param bytes canonical DER
 * @param path the index of the value in the outermost value, then in the next one, counted from 0
 * @throws CaError `malformed` when there is no such value
 */
export function elementAt(bytes: Uint8Array, ...path: readonly number[]): Uint8Array {
  return path.reduce((within, place) => {
    const { contentStart, end } = valueAt(within, 0, within.length);
    let at = contentStart;
    for (let skipped = 0; skipped < place; skipped++) at = valueAt(within, at, end).end;
    return within.subarray(at, valueAt(within, at, end).end);
  }, bytes);
}

/**
 * Returns the content of a BIT STRING of whole bytes, as a view.
 *
 * @throws CaError `malformed` when the bit string ends within a byte
 */
export function bitStringContent(element: Uint8Array): Uint8Array {
  const { contentStart, end } = valueAt(element, 0, element.length);
  if (element[contentStart] !== 0) throw new CaError('malformed', 'a bit string that is not of whole bytes');
  return element.subarray(contentStart + 1, end);
}

/** One DER value. */
export interface Element {
  readonly tag: number;
  /** The content without tag and length: a view. */
  readonly content: Uint8Array;
  /** The whole encoding: a view. */
  readonly der: Uint8Array;
}

/**
 * Returns the value that starts at `start` in canonical DER.
 *
 * @throws CaError `malformed`
 */
export function elementAtOffset(bytes: Uint8Array, start: number, limit: number): Element {
  const { tag, contentStart, end } = valueAt(bytes, start, limit);
  return { tag, content: bytes.subarray(contentStart, end), der: bytes.subarray(start, end) };
}
