/** base64url with padding by Buffer: far faster than `../../base64url.ts`, and as strict. */

/** The last characters that leave no stray bits behind, by the number of "=" after them. */
const CLEAN_ENDS = { 1: 'AEIMQUYcgkosw048', 2: 'AQgw' } as const;

/** What does not fit in a byte. It takes no time to find none in a string that V8 keeps as bytes, as it does most tokens. */
const WIDE = /[\u0100-\uffff]/;

export function encodeBase64url(bytes: Uint8Array): string {
  const text = asBuffer(bytes).toString('base64url');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/**
 * Buffer reads leniently: it skips characters, takes both alphabets, cuts wide characters down to a byte, and drops bits.
 * What it skips shows in the length; the rest is looked for.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0 || text.includes('+') || text.includes('/') || WIDE.test(text)) return undefined;
  if (padding !== 0 && !CLEAN_ENDS[padding].includes(text.charAt(text.length - padding - 1))) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
