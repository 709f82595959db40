/**
 * Base64 (RFC 4648, section 4), strict in one direction and canonical in the other: one text for one sequence of bytes.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Map(Array.from(alphabet, (character, value) => [character, value]));

/** Padded base64 without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(at, at + 3);
    const group = (a << 16) | (b << 8) | c;
    const given = Math.min(3, bytes.length - at);
    for (let place = 0; place < 4; place++) {
      text += place <= given ? alphabet.charAt((group >> (18 - 6 * place)) & 63) : '=';
    }
  }
  return text;
}

/** The bytes, or undefined for foreign characters, missing padding, or padding bits that are not zero. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const digits = text.replace(/={1,2}$/, '');
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (const digit of digits) {
    const value = values.get(digit);
    if (value === undefined) return undefined;
    pending = ((pending << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = pending >> bits;
    }
  }
  return (pending & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
