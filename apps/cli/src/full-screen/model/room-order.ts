/** Which room the keys for another room lead to. */
import type { RoomName } from '@chat/protocol';
import { type Arrived, unreadOf } from './unread.ts';

/** Returns the room some places below the current one, above if negative, round the list; null if there is no other. */
export function roomBeside(rooms: readonly RoomName[], current: RoomName | null, by: -1 | 1): RoomName | null {
  const at = current === null ? -1 : rooms.indexOf(current);
  const next = at < 0 ? rooms.at(by > 0 ? 0 : -1) : rooms.at((at + by) % rooms.length);
  return next === undefined || next === current ? null : next;
}

/** Returns the next room below the current one with unread messages, first of those with a mention; null if there is none. */
export function nextUnread(rooms: readonly RoomName[], current: RoomName | null, arrived: Arrived): RoomName | null {
  const at = current === null ? -1 : rooms.indexOf(current);
  const following = [...rooms.slice(at + 1), ...rooms.slice(0, at + 1)].filter((name) => name !== current);
  const mentioned = following.find((name) => unreadOf(arrived, name).mentions > 0);
  return mentioned ?? following.find((name) => unreadOf(arrived, name).count > 0) ?? null;
}
