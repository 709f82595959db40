/** Which room the keys for another room lead to. */
import type { RoomName } from '@chat/protocol';

/** Returns the room some places below the current one, above if negative, round the list; null if there is no other. */
export function roomBeside(rooms: readonly RoomName[], current: RoomName | null, by: -1 | 1): RoomName | null {
  const at = current === null ? -1 : rooms.indexOf(current);
  const next = at < 0 ? rooms.at(by > 0 ? 0 : -1) : rooms.at((at + by) % rooms.length);
  return next === undefined || next === current ? null : next;
}
