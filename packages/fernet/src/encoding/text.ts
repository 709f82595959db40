/** Text as UTF-8 and back, without any replacement: decoding returns the encoded text exactly, including a byte-order mark. */
import { FernetError, InvalidToken } from '../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Encodes a text as UTF-8.
 *
 * @throws FernetError `invalid-argument` for a lone surrogate
 */
export function encodeText(text: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new FernetError(
      'invalid-argument',
      'the text contains a lone surrogate: pass bytes for data that is not text',
    );
  }
  return encoder.encode(text);
}

/**
 * Decodes UTF-8.
 *
 * @throws InvalidToken for bytes that are not UTF-8
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new InvalidToken();
  }
}
