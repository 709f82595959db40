/** Composes and reads heartbeats. A heartbeat is signed like an entry, but is not part of the log. */
import {
  fromBase64url,
  type HeartbeatPayload,
  heartbeatDomain,
  parseHeartbeat,
  type SignedHeartbeat,
  toBase64url,
  utf8,
} from '@chat/protocol';
import type { RoomCrypto } from '../crypto.ts';
import type { RoomState } from '../state.ts';
import { type Author, requireMembership } from './compose.ts';

/**
 * Composes a heartbeat with the head of this state. `author.now` is its time.
 *
 * @param everyMs the time within which the next heartbeat follows
 * @throws RoomError `not-a-member`
 */
export function composeHeartbeat(author: Author, state: RoomState, everyMs: number): SignedHeartbeat {
  requireMembership(author, state);
  const { user, signer, now } = author;
  const content: HeartbeatPayload = {
    v: 1,
    type: 'heartbeat',
    room: state.room,
    author: user,
    head: state.head,
    every: everyMs,
    at: now,
  };
  const payload = JSON.stringify(content);
  const signature = toBase64url(signer.sign(heartbeatDomain(state.room), utf8(payload)));
  return { payload, by: signer.fingerprint, signature };
}

/** Returns the content of a heartbeat; null when it is not signed by a member of this room, as that member and for this room. */
export function readHeartbeat(
  state: RoomState,
  { payload, by, signature }: SignedHeartbeat,
  crypto: RoomCrypto,
): HeartbeatPayload | null {
  const member = state.members.get(by);
  const content = parseHeartbeat(payload);
  if (member === undefined || content?.room !== state.room || content.author !== member.user) return null;
  const signed = fromBase64url(signature);
  return crypto.verify(fromBase64url(member.key), heartbeatDomain(state.room), utf8(payload), signed) ? content : null;
}
