/** Which messages of a room the user has not seen. */
import { mentionsIn } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { RoomClientEvent } from '../../client-event.ts';

/** The messages that the user has not seen. */
export interface Unread {
  readonly count: number;
  /** How many of them name the user. */
  readonly mentions: number;
}

/** What has arrived in rooms that were not the current one, by room. */
export type Arrived = ReadonlyMap<RoomName, Unread>;

const none: Unread = { count: 0, mentions: 0 };

/** Returns what the user has not seen of a room. */
export const unreadOf = (arrived: Arrived, roomName: RoomName): Unread => arrived.get(roomName) ?? none;

/** Returns what has arrived after an event of a room that is not the current one. */
export function withArrival(arrived: Arrived, { event, roomName, mine }: RoomClientEvent, me: string): Arrived {
  if (mine || (event.kind !== 'message' && event.kind !== 'newer')) return arrived;
  const isMention = event.kind === 'message' && mentionsIn(event.text, (name) => name === me).length > 0;
  const { count, mentions } = unreadOf(arrived, roomName);
  return new Map([...arrived, [roomName, { count: count + 1, mentions: mentions + (isMention ? 1 : 0) }]]);
}

/** Returns what has arrived without what the user sees now. */
export const withoutRoom = (arrived: Arrived, roomName: RoomName): Arrived =>
  arrived.has(roomName) ? new Map([...arrived].filter(([name]) => name !== roomName)) : arrived;
