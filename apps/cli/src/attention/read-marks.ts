/** Marks messages as read that were shown in the current room while the user is at the keyboard. */
import type { Scheduler } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';

/** A user who has entered nothing for so long may be away: what is shown then counts as read when they come back. */
const awayAfterMs = 60_000;
/** Thousands of messages may be shown at once. Shorter than the delay of a notification, so that no window calls for what another one shows. */
const markDelayMs = 200;

/** Options of `ReadMarks`. */
export interface ReadMarksOptions {
  readonly client: Pick<Client, 'attention'>;
  readonly clock: Scheduler;
}

/** The read marks that one window sets. */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  /** The latest position of each room that was shown and is not marked yet. */
  readonly #shown = new Map<RoomName, number>();
  #activeAt: number;
  #cancel: (() => void) | null = null;

  constructor(options: ReadMarksOptions) {
    this.#options = options;
    this.#activeAt = options.clock.now();
  }

  /** True while the user seems to be at the keyboard. */
  get isActive(): boolean {
    return this.#options.clock.now() - this.#activeAt < awayAfterMs;
  }

  /** To be called when the user does something: they have seen what was shown. */
  active(): void {
    this.#activeAt = this.#options.clock.now();
    this.#mark();
  }

  /** To be called when a message was shown in the current room. */
  shown(roomName: RoomName, seq: number): void {
    this.#shown.set(roomName, Math.max(seq, this.#shown.get(roomName) ?? 0));
    if (this.isActive) this.#cancel ??= this.#options.clock.after(markDelayMs, () => this.#mark());
  }

  #mark(): void {
    this.#cancel?.();
    this.#cancel = null;
    // A mark that cannot be set is set with a later one, or the messages are shown again.
    for (const [roomName, seq] of this.#shown)
      this.#options.client.attention.markRead(roomName, seq).catch(() => undefined);
    this.#shown.clear();
  }
}
