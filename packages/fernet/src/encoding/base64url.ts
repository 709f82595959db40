/** base64url with padding (RFC 4648 section 5). Exactly one text stands for each sequence of bytes: reading takes no other. */

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const PAD = 0x3d;
const NOT_IN_ALPHABET = 0xff;

/** The six bits of each character below U+0080. */
const SEXTETS = new Uint8Array(128).fill(NOT_IN_ALPHABET);
ALPHABET.forEach((character, sextet) => {
  SEXTETS[character] = sextet;
});

const ascii = new TextDecoder();

export function encodeBase64url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let end = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2);
    text[end++] = at(ALPHABET, group >>> 18);
    text[end++] = at(ALPHABET, (group >>> 12) & 63);
    text[end++] = at(ALPHABET, (group >>> 6) & 63);
    text[end++] = at(ALPHABET, group & 63);
  }
  text.fill(PAD, text.length - missing(bytes.length));
  return ascii.decode(text);
}

/** Undefined for everything that `encodeBase64url` does not write: other characters, other padding, stray bits at the end. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const characters = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);

  let bits = 0;
  let held = 0;
  let end = 0;
  for (let i = 0; i < characters; i++) {
    const sextet = SEXTETS[text.charCodeAt(i)] ?? NOT_IN_ALPHABET;
    if (sextet === NOT_IN_ALPHABET) return undefined;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[end++] = bits >>> held;
    }
  }
  const strayBits = bits & ((1 << held) - 1);
  return strayBits === 0 ? bytes : undefined;
}

/** How many bytes the last group of three lacks. */
function missing(length: number): number {
  return (3 - (length % 3)) % 3;
}

/** Beyond the end there are zeros: the last group may be short. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
