/**
 * Heartbeats: what members that follow a room sign and send to each other at intervals, so that each of them notices when the
 * server keeps another one, or a part of the log, from it. A heartbeat is not an entry, and no server stores it.
 */
import { z } from 'zod';
import { limits } from '../limits.ts';
import { base64url, fingerprint, hash, type RoomId, roomId, timestamp, userName } from '../values.ts';

const heartbeatPayload = z.strictObject({
  v: z.literal(1),
  type: z.literal('heartbeat'),
  room: roomId,
  author: userName,
  /** Position and log hash up to which the author has read. */
  head: z.strictObject({ seq: z.int().min(1), hash }),
  /** The author sends the next heartbeat within this time, in milliseconds, while it follows the room. */
  every: z.int().min(limits.heartbeatPeriod).max(heartbeatEvery(limits.roomMembers)),
  /** The author's time: later in each heartbeat than in the one before. */
  at: timestamp,
});
/** The content of a heartbeat. */
export type HeartbeatPayload = z.infer<typeof heartbeatPayload>;

/** Schema of a heartbeat: the exact string that was signed, the signer, and the signature under `heartbeatDomain`. */
export const signedHeartbeat = z.strictObject({
  payload: z.string().max(512),
  by: fingerprint,
  signature: base64url(160),
});
/** A heartbeat with its signature. */
export type SignedHeartbeat = z.infer<typeof signedHeartbeat>;

/** Returns the signature domain of a heartbeat. */
export const heartbeatDomain = (roomId: RoomId) => ({ protocol: 'chat/1', purpose: 'room.heartbeat', context: roomId });

/** Parses the payload of a heartbeat; null when it is not one. Callers verify the signature too. */
export function parseHeartbeat(text: string): HeartbeatPayload | null {
  try {
    const parsed = heartbeatPayload.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Returns the time between two heartbeats of one member in milliseconds: `heartbeatPeriod`, or as much more as keeps all
 * members together at `heartbeatsPerMinute`.
 *
 * @param online number of members that follow the room, including this one
 */
export function heartbeatEvery(online: number): number {
  const following = Math.min(online, limits.roomMembers);
  return Math.max(limits.heartbeatPeriod, Math.ceil((following * 60_000) / limits.heartbeatsPerMinute));
}
