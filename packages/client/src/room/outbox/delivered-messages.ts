/** The messages of one room that are on the log, and that their senders may send again, because these may not have learned it. */
import type { DeliveredMessage } from '../../storage/stored-state.ts';
import type { Place } from './waiting-senders.ts';

/** How many are remembered, the latest: while the client runs, and over a restart. */
const maxRemembered = { running: 4_096, stored: 256 } as const;

/** Where these messages are, by the ids that their senders have given them. */
export class DeliveredMessages {
  readonly #places = new Map<string, number>();

  constructor(stored: readonly DeliveredMessage[]) {
    for (const { givenId, seq } of stored) this.add(givenId, { seq });
  }

  /** What is stored: the earliest first. */
  get stored(): readonly DeliveredMessage[] {
    return [...this.#places].slice(-maxRemembered.stored).map(([givenId, seq]) => ({ givenId, seq }));
  }

  /** Returns where the message is that was sent with this id; null if there is none, or it is not remembered. */
  placeOf(givenId: string): Place | null {
    const seq = this.#places.get(givenId);
    return seq === undefined ? null : { seq };
  }

  /** Remembers a message, and forgets the earliest one if there are too many. */
  add(givenId: string, { seq }: Place): void {
    this.#places.set(givenId, seq);
    const [earliest] = this.#places.keys();
    if (earliest !== undefined && this.#places.size > maxRemembered.running) this.#places.delete(earliest);
  }

  /** Remembers the messages of another room, too. */
  addAll(other: DeliveredMessages): void {
    for (const [givenId, seq] of other.#places) this.add(givenId, { seq });
  }
}
