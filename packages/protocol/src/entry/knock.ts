/** Somebody asks to be let into a room. No entry: what lets them in is a member's `invite`. */
import { z } from 'zod';
import { base64url, fingerprint, identityKey, roomId, timestamp, userName } from '../values.ts';

const knockPayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('knock'),
  room: roomId,
  author: userName,
  key: identityKey,
  at: timestamp,
});
export type KnockPayload = z.infer<typeof knockPayload>;

/** Signed as entries are: the exact string, by whom, and the signature under `knockDomain`. */
export const signedKnock = z.strictObject({
  payload: z.string().max(768),
  by: fingerprint,
  signature: base64url(160),
});
export type SignedKnock = z.infer<typeof signedKnock>;

export const knockDomain = (room: string) => ({ protocol: 'chat/1', purpose: 'room.knock', context: room });

/** Null when it is not the payload of a knock. Call it after the signature was verified. */
export function parseKnock(text: string): KnockPayload | null {
  try {
    const parsed = knockPayload.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
