/** The first events of a holder: guests of the one before come a little later, and one that did not read may come again. */
import type { ClientEvent } from '../../../events.ts';

const maxEvents = 4_096;

/** The events since the begin of a holder, as long as they are kept. */
export class KeptEvents {
  /** Null once some were not kept. */
  #events: ClientEvent[] | null = [];
  #count = 0;

  /** The number of the events since the begin. */
  get count(): number {
    return this.#count;
  }

  /** Takes an event. */
  push(event: ClientEvent): void {
    this.#count += 1;
    if (this.#events?.length === maxEvents) this.#events = null;
    this.#events?.push(event);
  }

  /** Keeps no events any more. */
  drop(): void {
    this.#events = null;
  }

  /**
   * Returns the events after the first `seen` ones; null if they are not kept.
   *
   * @param seen more than there were counts as all
   */
  after(seen: number): readonly ClientEvent[] | null {
    return seen >= this.#count ? [] : (this.#events?.slice(seen) ?? null);
  }
}
