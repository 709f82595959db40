/**
 * The oracle of the package's own CBOR: the library `cborg`, which is not strict enough alone. It encodes again what it has decoded
 * and compares, so it accepts the one encoding of a value only.
 */
import { decode, encode, rfc8949EncodeOptions, type TagDecodeControl, Token, Type } from 'cborg';
import { fromBase64url, fromHex, toBase64url, toHex, utf8 } from '../../src/bytes.ts';
import { maxKeyBytes } from '../../src/cbor/form.ts';

const base64urlTag = 21;
const hexTag = 23;

const hexIds = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/;
const base64urlText = /^[A-Za-z0-9_-]{43,}$/;

const tagged = (tag: number, bytes: Uint8Array) => [new Token(Type.tag, tag), new Token(Type.bytes, bytes)];

function encodeText(text: string) {
  if (hexIds.test(text)) return tagged(hexTag, fromHex(text));
  if (!base64urlText.test(text)) return null;
  try {
    return tagged(base64urlTag, fromBase64url(text));
  } catch {
    return null;
  }
}

const encoding = {
  ...rfc8949EncodeOptions,
  ignoreUndefinedProperties: true,
  typeEncoders: { string: encodeText },
};

const textOf = (toText: (bytes: Uint8Array) => string) => (content: TagDecodeControl) => {
  const bytes = content();
  if (!(bytes instanceof Uint8Array)) throw new Error('a tag for the text form of bytes needs bytes');
  return toText(bytes);
};

const decoding = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  tags: { [base64urlTag]: textOf(toBase64url), [hexTag]: textOf(toHex) },
};

/** Encodes a value. */
export const oracleEncode = (value: unknown): Uint8Array => new Uint8Array(encode(value, encoding));

/** True when a number in the value is not whole or a key is too long, which the library accepts and the protocol does not have. */
function isForeign(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  const hasLongKey = !Array.isArray(value) && Object.keys(value).some((key) => utf8(key).length > maxKeyBytes);
  return hasLongKey || Object.values(value).some(isForeign);
}

/** Returns the value in an object, so that null is a value too; null when these bytes are not the one encoding of a value. */
export function oracleDecode(bytes: Uint8Array): { readonly value: unknown } | null {
  try {
    const value: unknown = decode(bytes, decoding);
    return Buffer.compare(oracleEncode(value), bytes) === 0 && !isForeign(value) ? { value } : null;
  } catch {
    return null;
  }
}
