/**
 * The content of a message as JSON, in which all messages were written before version 3 of the protocol. Its fields bind room, epoch
 * and author, because the key is that of the room and epoch only. No client composes it any more.
 */
import { z } from 'zod';
import { type Fingerprint, fingerprint, hash, type RoomId, roomId, timestamp } from '../values.ts';
import type { MessageContent } from './message-content.ts';

const legacyContent = z.strictObject({
  v: z.literal(1),
  room: roomId,
  epoch: z.int().min(1),
  author: fingerprint,
  counter: z.int().min(1),
  previous: hash,
  at: timestamp,
  body: z.strictObject({ kind: z.literal('text'), text: z.string().min(1) }),
});

/** Where a message stands, which its content repeats. */
export interface MessagePlace {
  readonly room: RoomId;
  readonly epoch: number;
  readonly author: Fingerprint;
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** Decodes a content that is padded with spaces; null when it is not one of this form, or of another place. */
export function decodeLegacyContent(bytes: Uint8Array, place: MessagePlace): MessageContent | null {
  let json: unknown;
  try {
    json = JSON.parse(strict.decode(bytes));
  } catch {
    return null;
  }
  const parsed = legacyContent.safeParse(json);
  if (!parsed.success) return null;
  const { room, epoch, author, counter, previous, at, body } = parsed.data;
  const isInPlace = room === place.room && epoch === place.epoch && author === place.author;
  return isInPlace ? { counter, previous, at, body } : null;
}
