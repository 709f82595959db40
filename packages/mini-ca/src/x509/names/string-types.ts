/** Decodes the string types of names (RFC 5280 section 4.1.2.4, X.690 section 8.23). */
import type { Element } from '../../der/canonical-der.ts';

const bmpStringTag = 0x1e;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function latin1(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1');
}

/** Decodes a UniversalString: UTF-32 with the most significant byte first. Returns null when a number is not a character. */
function utf32(content: Uint8Array): string | null {
  const bytes = Buffer.from(content);
  const codes = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(i * 4));
  return codes.every((code) => code <= 0x10ffff) ? String.fromCodePoint(...codes) : null;
}

/** Decoders by tag. TeletexString and GeneralString are read as Latin-1, which is what programs write into them. */
const decoders: ReadonlyMap<number, (content: Uint8Array) => string | null> = new Map([
  [0x0c, (content) => utf8.decode(content)],
  [0x12, latin1],
  [0x13, latin1],
  [0x14, latin1],
  [0x16, latin1],
  [0x1a, latin1],
  [0x1b, latin1],
  [0x1c, utf32],
  [bmpStringTag, (content) => Buffer.from(content).swap16().toString('utf16le')],
]);

/** Returns the text of a value in canonical DER, or null when it is not a string. */
export function decodeText({ tag, content }: Element): string | null {
  return decoders.get(tag)?.(content) ?? null;
}
