/** The numbers that a server gives to rooms, so that it can send the same bytes to all members. */
import type { RoomId } from '../values.ts';

/** Rooms with a number on one connection. A server that numbers more makes no sense, and would fill the memory of the client. */
export const maxNumberedRooms = 65_536;

/** The numbers of the rooms on one connection. */
export class RoomNumbers {
  readonly #max: number;
  /** Null before the first one: a client gives no numbers, so the server's decoders have none. */
  #rooms: Map<number, RoomId> | null = null;

  /** @param max rooms that the other side may number */
  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Gives a room a number.
   *
   * @throws RangeError when there are too many
   */
  give(number: number, room: RoomId): void {
    this.#rooms ??= new Map();
    this.#rooms.set(number, room);
    if (this.#rooms.size > this.#max) throw new RangeError('too many rooms');
  }

  /**
   * Returns the room with this number.
   *
   * @throws RangeError when no room has it
   */
  roomOf(number: number): RoomId {
    const room = this.#rooms?.get(number);
    if (room === undefined) throw new RangeError('no room has this number');
    return room;
  }
}
