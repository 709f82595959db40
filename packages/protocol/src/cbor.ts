/**
 * The encoding of objects: deterministic CBOR (RFC 8949, section 4.2.1) of the values that JSON has, and of byte strings. Texts that
 * are hex of 16 or 32 bytes, or base64url of 32 bytes or more, travel as bytes with the tag for their text form (section 3.4.5.2).
 * Every value has one encoding, and a decoder refuses every other.
 */
import { decode, encode, rfc8949EncodeOptions, type TagDecodeControl, Token, Type } from 'cborg';
import { fromBase64url, fromHex, toBase64url, toHex } from './bytes.ts';

const base64urlTag = 21;
const hexTag = 23;

const hexIds = /^(?:[0-9a-f]{32}|[0-9a-f]{64})$/;
const base64urlText = /^[A-Za-z0-9_-]{43,}$/;

const tagged = (tag: number, bytes: Uint8Array) => [new Token(Type.tag, tag), new Token(Type.bytes, bytes)];

/** Returns the bytes of a canonical text in base64url; null for any other text. */
function bytesOf(text: string): Uint8Array | null {
  if (!base64urlText.test(text)) return null;
  try {
    return fromBase64url(text);
  } catch {
    return null;
  }
}

function encodeText(text: string) {
  if (hexIds.test(text)) return tagged(hexTag, fromHex(text));
  const bytes = bytesOf(text);
  return bytes === null ? null : tagged(base64urlTag, bytes);
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

/** Encodes a value. Properties that are undefined are left out, as in JSON. */
export const encodeCbor = (value: unknown): Uint8Array => new Uint8Array(encode(value, encoding));

/** Returns whether two byte strings are the same. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/**
 * Decodes a value.
 *
 * @throws Error when these bytes are not the one encoding of a value
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  const value: unknown = decode(bytes, decoding);
  // Finds what the library lets pass: unsorted keys, texts that are not UTF-8, texts that must be tagged.
  if (!isSame(encodeCbor(value), bytes)) throw new Error('not the deterministic encoding');
  return value;
}
