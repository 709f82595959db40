/** Notes of each room that later sentences refer to: who has left since the latest key, and which key is requested. */
import type { ClientEvent } from '@chat/client';
import type { RoomId } from '@chat/protocol';
import { type Departure, departures, type Notes, noNotes } from '../screen/scene.ts';

const isDeparture = (kind: string): kind is Departure => departures.some((departure) => departure === kind);

/** The notes of all rooms. */
export class RoomNotes {
  readonly #rooms = new Map<RoomId, Notes>();

  /** Returns the notes of a room. */
  of(roomId: RoomId): Notes {
    return this.#rooms.get(roomId) ?? noNotes;
  }

  /** Drops the notes of a room. */
  forget(roomId: RoomId): void {
    this.#rooms.delete(roomId);
  }

  /** Notes an event. Must be called before the event is shown. */
  take(event: ClientEvent): void {
    if (event.kind === 'key-wanted') this.#change(event.roomId, { wanted: event });
    if (event.kind !== 'room') return;
    const { kind } = event.event;
    if (!isDeparture(kind) || !('user' in event.event) || event.event.user === null) return;
    const { departed } = this.of(event.roomId);
    this.#change(event.roomId, { departed: { ...departed, [kind]: [...departed[kind], event.event.user] } });
  }

  /** Forgets the departures that a new key answers. Must be called after the event is shown. */
  settle(event: ClientEvent): void {
    if (event.kind === 'room' && event.event.kind === 'epoch') {
      this.#change(event.roomId, { departed: noNotes.departed });
    }
  }

  #change(roomId: RoomId, changes: Partial<Notes>): void {
    this.#rooms.set(roomId, { ...this.of(roomId), ...changes });
  }
}
