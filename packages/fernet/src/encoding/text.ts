/** Text as UTF-8 bytes and back, with nothing replaced on the way: what went in comes out, a byte order mark included. */
import { FernetError, InvalidToken } from '../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function encodeText(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new FernetError('invalid-argument', 'the text has half of a surrogate pair: pass bytes if it is no text');
  }
  return encoder.encode(text);
}

/** Throws `InvalidToken` for bytes that are not UTF-8: whoever waits for text has no use for that token. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new InvalidToken();
  }
}
