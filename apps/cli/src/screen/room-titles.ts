/** The titles of rooms by their names, also of rooms that have lost their title. */
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import { titleOf } from '../text/room-title.ts';

/** The titles of the rooms of one client. */
export class RoomTitles {
  readonly #client: Pick<Client, 'room'>;
  /** The titles of direct rooms, also of those that the other user has left. */
  readonly #direct = new Map<RoomName, string>();

  constructor(client: Pick<Client, 'room'>) {
    this.#client = client;
  }

  /** Returns the title of a room, safe to print. */
  of(roomName: RoomName): string {
    const view = this.#client.room(roomName);
    if (view?.left === true) return titleOf(view);
    // A user who has left a direct room is no longer its peer. The room keeps their name as its title.
    if (view !== null && view.peer !== null) this.#direct.set(roomName, titleOf(view));
    return this.#direct.get(roomName) ?? titleOf({ roomName, peer: null });
  }
}
