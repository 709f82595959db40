/** What was told of each room that later sentences refer to: who is gone since its latest key, and which key is asked for. */
import type { ClientEvent } from '@chat/client';
import { type Departure, departures, type Notes, noNotes } from '../screen/scene.ts';

const isDeparture = (kind: string): kind is Departure => departures.some((departure) => departure === kind);

export class RoomNotes {
  readonly #rooms = new Map<string, Notes>();

  of(room: string): Notes {
    return this.#rooms.get(room) ?? noNotes;
  }

  forget(room: string): void {
    this.#rooms.delete(room);
  }

  /** To be called before an event is shown. */
  take(event: ClientEvent): void {
    if (event.kind === 'key-wanted') this.#change(event.roomId, { wanted: event });
    if (event.kind !== 'room') return;
    const { kind } = event.event;
    if (!isDeparture(kind) || !('user' in event.event) || event.event.user === null) return;
    const { departed } = this.of(event.roomId);
    this.#change(event.roomId, { departed: { ...departed, [kind]: [...departed[kind], event.event.user] } });
  }

  /** To be called after it was shown: with a new key the account of who went begins anew. */
  settle(event: ClientEvent): void {
    if (event.kind === 'room' && event.event.kind === 'epoch')
      this.#change(event.roomId, { departed: noNotes.departed });
  }

  #change(room: string, changes: Partial<Notes>): void {
    this.#rooms.set(room, { ...this.of(room), ...changes });
  }
}
