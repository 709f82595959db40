/** Decodes the string types of names (RFC 5280 section 4.1.2.4, X.690 section 8.23). */
import type { Element } from '../../der/canonical-der.ts';

const bmpStringTag = 0x1e;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function latin1(content: Uint8Array): string {
  return Buffer.from(content).toString('latin1');
}

/** Decoders by tag. TeletexString is read as Latin-1, which is what programs write into it. */
const decoders: ReadonlyMap<number, (content: Uint8Array) => string> = new Map([
  [0x0c, (content) => utf8.decode(content)],
  [0x13, latin1],
  [0x14, latin1],
  [0x16, latin1],
  [bmpStringTag, (content) => Buffer.from(content).swap16().toString('utf16le')],
]);

/** Returns the text of a value in canonical DER, or null when it is not a string. */
export function decodeText({ tag, content }: Element): string | null {
  return decoders.get(tag)?.(content) ?? null;
}
