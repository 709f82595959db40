/**
 * When the followers of a room are informed of presence: of the first change at once, of those that follow closely together. A server
 * that has restarted gets all members of a room back within seconds, and would inform each of them of each.
 */
import { limits } from '@chat/protocol';
import type { Presence, PresenceChange } from '../domain/presence.ts';
import type { ServerLimits } from '../limits/limits.ts';

/** The limits of `PresenceNews`. */
export type PresenceLimits = Pick<ServerLimits, 'presenceGatherMs' | 'presenceCountMs'>;

/** Options of `PresenceNews`. */
export interface PresenceNewsOptions {
  readonly presence: Presence;
  readonly limits: PresenceLimits;
  /** Sends changes, and the number of users who are present after them. */
  readonly send: (changes: readonly PresenceChange[], connected: number) => void;
}

/** The news of presence in one room. */
export class PresenceNews {
  readonly #options: PresenceNewsOptions;
  #waiting: PresenceChange[] = [];
  #sentCount = 0;
  /** The end of the time in which changes gather; null when the next one is sent at once. */
  #gathering: NodeJS.Timeout | null = null;
  #counting: NodeJS.Timeout | null = null;

  constructor(options: PresenceNewsOptions) {
    this.#options = options;
  }

  /** To be called when a user has arrived or departed, with the changes of those who are named. */
  changed(changes: readonly PresenceChange[]): void {
    this.#waiting.push(...changes);
    if (this.#waiting.length >= limits.presenceChanges - 1) this.#flush();
    else if (this.#waiting.length === 0) this.#count();
    else if (this.#gathering === null) this.#flush();
  }

  /** Forgets what waits. To be called when no user follows the room. */
  stop(): void {
    for (const timer of [this.#gathering, this.#counting]) if (timer !== null) clearTimeout(timer);
    this.#gathering = null;
    this.#counting = null;
    this.#waiting = [];
  }

  #count(): void {
    const { presence, limits } = this.#options;
    if (this.#counting !== null || presence.count === this.#sentCount) return;
    this.#counting = setTimeout(() => {
      this.#counting = null;
      if (presence.count !== this.#sentCount) this.#flush();
    }, limits.presenceCountMs).unref();
  }

  #flush(): void {
    const { presence, limits, send } = this.#options;
    const changes = this.#waiting;
    this.#waiting = [];
    this.#sentCount = presence.count;
    send(changes, this.#sentCount);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    if (limits.presenceGatherMs === 0) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      if (this.#waiting.length > 0) this.#flush();
    }, limits.presenceGatherMs).unref();
  }
}
