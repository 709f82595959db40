/** base64url with padding (RFC 4648, section 5). Decoding accepts only the one text that encoding returns for the bytes. */

const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const padCharacter = 0x3d;
const notInAlphabet = 0xff;

/** The six bits that each character below U+0080 encodes. */
const sextets = new Uint8Array(128).fill(notInAlphabet);
alphabet.forEach((character, sextet) => {
  sextets[character] = sextet;
});

const ascii = new TextDecoder();

/** Encodes bytes. */
export function encodeBase64url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let end = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2);
    text[end++] = at(alphabet, group >>> 18);
    text[end++] = at(alphabet, (group >>> 12) & 63);
    text[end++] = at(alphabet, (group >>> 6) & 63);
    text[end++] = at(alphabet, group & 63);
  }
  text.fill(padCharacter, text.length - missing(bytes.length));
  return ascii.decode(text);
}

/** Decodes a text; null for other characters, other padding, and unused bits at the end that are not 0. */
export function decodeBase64url(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const characters = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);

  let bits = 0;
  let held = 0;
  let end = 0;
  for (let i = 0; i < characters; i++) {
    const sextet = sextets[text.charCodeAt(i)] ?? notInAlphabet;
    if (sextet === notInAlphabet) return null;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[end++] = bits >>> held;
    }
  }
  const unusedBits = bits & ((1 << held) - 1);
  return unusedBits === 0 ? bytes : null;
}

/** Returns the number of bytes that the last group of three lacks. */
function missing(length: number): number {
  return (3 - (length % 3)) % 3;
}

/** Returns a byte; 0 beyond the end, because the last group may be short. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
