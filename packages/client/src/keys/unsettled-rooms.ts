/**
 * What the server has not done although this client has waited for a day: rooms that are not read to the end. The prekey is then
 * replaced all the same, and the user learns which rooms they are.
 */
import { limits, type RoomName } from '@chat/protocol';
import type { Explanation } from '../errors.ts';

/** A room from which a wrap to one of the user's prekeys may still come. */
export interface UnsettledRoom {
  readonly roomName: RoomName;
  /** `log`: the server has not sent the log up to its end. `key`: it has not handed out a key of the room. */
  readonly lacks: 'log' | 'key';
}

/** The rooms that a sentence names. */
const maxNamed = 3;
/** A prekey that was replaced earlier than that is erased, whatever the server says. The promise of two weeks rests on it. */
export const keptPrekeyMs = 14 * limits.prekeyAge;

function listed(rooms: readonly UnsettledRoom[]): string {
  const names = rooms.slice(0, maxNamed).map(({ roomName }) => roomName);
  const others = rooms.length - names.length;
  if (others > 0) return `${names.join(', ')} and ${others} other ${others === 1 ? 'room' : 'rooms'}`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Returns what the user is to know when the prekey was replaced without waiting for these rooms. */
export function unsettledTrouble(rooms: readonly UnsettledRoom[]): Explanation {
  const [logs, keys] = (['log', 'key'] as const).map((what) => rooms.filter(({ lacks }) => lacks === what));
  const missing = [
    ...(logs === undefined || logs.length === 0 ? [] : [`the end of ${listed(logs)}`]),
    ...(keys === undefined || keys.length === 0 ? [] : [`a key of ${listed(keys)}`]),
  ];
  const what = missing.length === 0 ? 'all of your rooms' : missing.join(' and ');
  const days = keptPrekeyMs / limits.prekeyAge;
  return {
    code: 'rooms-unread',
    reason: `For a day your client has not received ${what}: the server did not send it, or each connection was too short. Your prekey was replaced without waiting any longer, and earlier ones are kept for up to ${days} days, to read what is missing. So a thief of this device who has the server's data too could read ${days} days instead of two. If this lasts, ask the operator of the server.`,
  };
}
