/** Whoever listens to a client. */
import type { ClientEvent, ClientListener } from './event.ts';

export class Listeners {
  readonly #listeners = new Set<ClientListener>();

  /** Returns what ends it. */
  add(listener: ClientListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: ClientEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        // Its fault is reported as its own, and stops neither the room nor the other listeners.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
