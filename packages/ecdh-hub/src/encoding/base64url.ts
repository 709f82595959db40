/** Base64url without padding (RFC 4648 section 5), strict: each byte string has exactly one text. */
import { HubError } from '../errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The value of each letter, by its code; NONE for what is no letter. */
const NONE = 0xff;
const values = new Uint8Array(128).fill(NONE);
for (const [value, letter] of [...ALPHABET].entries()) values[letter.charCodeAt(0)] = value;

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending & 0x3f) << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET[(pending >> (bits - 6)) & 0x3f];
  }
  return bits === 0 ? text : text + ALPHABET[(pending << (6 - bits)) & 0x3f];
}

/** Throws `invalid-state` unless the text is what `toBase64url` makes of `size` bytes. `what` names it in the message. */
export function fromBase64url(text: unknown, what: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  if (typeof text !== 'string' || text.length !== Math.ceil((size * 8) / 6)) return refuse(what, size);
  let pending = 0;
  let bits = 0;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? NONE;
    if (value === NONE) return refuse(what, size);
    pending = ((pending & 0xff) << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = (pending >> bits) & 0xff;
  }
  // Bits that no byte takes must be zero, or a second text would mean the same bytes.
  return (pending & ((1 << bits) - 1)) === 0 ? bytes : refuse(what, size);
}

function refuse(what: string, size: number): never {
  throw new HubError('invalid-state', `${what} must be ${size} bytes in base64url without padding`);
}
