/** Knocks: signed requests of users to be invited. A knock is not an entry; a member answers it with an `invite` entry. */
import { z } from 'zod';
import { base64url, fingerprint, identityKey, type RoomId, roomId, timestamp, userName } from '../values.ts';

const knockPayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('knock'),
  room: roomId,
  author: userName,
  key: identityKey,
  at: timestamp,
});
/** The content of a knock. */
export type KnockPayload = z.infer<typeof knockPayload>;

/** Schema of a knock: the exact string that was signed, the signer, and the signature under `knockDomain`. */
export const signedKnock = z.strictObject({
  payload: z.string().max(768),
  by: fingerprint,
  signature: base64url(160),
});
/** A knock with its signature. */
export type SignedKnock = z.infer<typeof signedKnock>;

/** Returns the signature domain of a knock. */
export const knockDomain = (roomId: RoomId) => ({ protocol: 'chat/1', purpose: 'room.knock', context: roomId });

/** Parses the payload of a knock; null when it is not one. Callers verify the signature too. */
export function parseKnock(text: string): KnockPayload | null {
  try {
    const parsed = knockPayload.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
