/** What a program has reported, so that nothing is reported again when another program has the profile, and a loss is noticed. */
import type { ClientEvent } from '../../events.ts';
import type { RoomView } from '../../view.ts';
import type { Begin } from './local-messages.ts';

/** The positions of the events that were reported. */
export class ReportedEvents {
  /** The latest position of each room. */
  readonly #latest = new Map<string, number>();
  /** The same when the latest holder began: it reports these positions again. */
  #before = new Map<string, number>();

  /** To be called with the rooms as they are: their messages count as reported, because the program can page through them. */
  cameTo(rooms: readonly Pick<RoomView, 'roomId' | 'latest'>[]): void {
    for (const { roomId, latest } of rooms) this.#note(roomId, latest?.seq ?? 0);
  }

  /**
   * To be called when another program has the profile, before its first event. It reports again what the one before had not stored.
   *
   * @param begin where the new holder began
   * @returns true if it began after a message that was not reported here, and so will not be
   */
  isCutBy(begin: Begin): boolean {
    this.#before = new Map(this.#latest);
    return Object.entries(begin).some(([roomId, seq]) => seq > (this.#latest.get(roomId) ?? seq));
  }

  /** Returns whether an event was not reported yet. It counts as reported then. */
  isNew(event: ClientEvent): boolean {
    if (event.kind === 'room') {
      const { seq } = event.event;
      if (seq <= (this.#before.get(event.roomId) ?? 0)) return false;
      this.#note(event.roomId, seq);
    }
    if (event.kind === 'left') this.#latest.delete(event.roomId);
    // From here on nothing comes again. What comes now may be the history from before.
    if (event.kind === 'caught-up') this.#before.delete(event.roomId);
    return true;
  }

  #note(roomId: string, seq: number): void {
    this.#latest.set(roomId, Math.max(seq, this.#latest.get(roomId) ?? 0));
  }
}
