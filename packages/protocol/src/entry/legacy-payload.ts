/**
 * Payloads as JSON, in which all entries were written before version 3 of the protocol. They stay valid, because newcomers judge the
 * whole log. No client composes them any more.
 */

import { base64url, base64urlnopad } from '@scure/base';
import { z } from 'zod';
import { hash, roomId, sequence } from '../values.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Returns whether a payload is JSON: its first byte is that of `{`. */
export const isLegacy = (payload: Uint8Array): boolean => payload[0] === 0x7b;

/** Decodes a payload in JSON, without a check of its fields; null when it is not one JSON text in UTF-8. */
export function decodeLegacyPayload(payload: Uint8Array): unknown {
  try {
    return JSON.parse(strict.decode(payload));
  } catch {
    return null;
  }
}

/** Returns the bytes of a token in base64url, padded or not; no bytes when it is not base64url, which no key decrypts. */
function tokenBytes(text: string): Uint8Array {
  try {
    return text.endsWith('=') ? base64url.decode(text) : base64urlnopad.decode(text);
  } catch {
    return new Uint8Array(0);
  }
}

/** Schema of a message's payload in JSON. Its content is JSON too, and its key is that of the room and epoch. */
export const legacyMessagePayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('message'),
  room: roomId,
  epoch: z.int().min(1),
  head: z.strictObject({ seq: sequence, hash }),
  /** A Fernet token. */
  token: z
    .string()
    .max(60 * 1024)
    .transform(tokenBytes),
});
