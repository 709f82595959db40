/** What the user reads in the current room: the line before what is new, and the marks of what was shown. */
import type { RoomView, Scheduler } from '@chat/client';
import type { RoomClientEvent } from '../client-event.ts';
import type { Client } from '../client-surface.ts';
import { ReadMarks } from './read-marks.ts';

/** Options of `RoomReading`. */
export interface RoomReadingOptions {
  readonly client: Pick<Client, 'attention' | 'room'>;
  readonly clock: Scheduler;
}

type ReadRoom = Pick<RoomView, 'roomName' | 'unread' | 'latest'>;

/** What the user of one window reads in the current room. */
export class RoomReading {
  readonly #options: RoomReadingOptions;
  readonly marks: ReadMarks;
  /** True until the line was shown: once for each time that the user enters a room or the client connects. */
  #isRuleDue = true;

  constructor(options: RoomReadingOptions) {
    this.#options = options;
    this.marks = new ReadMarks(options);
  }

  /** To be called before a room is entered, and after each login: what is read then is new. */
  ruleDue(): void {
    this.#isRuleDue = true;
  }

  /**
   * Returns the text of the line before a message of the current room that is about to be shown; null if it has none.
   *
   * @param isEarliest true for the first one of those that are shown when the room is entered. Default: false
   */
  ruleBefore({ unread: { first } }: ReadRoom, seq: number, isEarliest = false): string | null {
    if (!this.#isRuleDue || first === null || seq < first) return null;
    this.#isRuleDue = false;
    return isEarliest && first < seq ? 'new, the earlier ones with /older' : 'new';
  }

  /** To be called when the latest messages of a room were shown that the user enters. */
  entered({ roomName, latest }: ReadRoom): void {
    const { attention } = this.#options.client;
    // What is not kept cannot be shown, and would stay unread.
    if (latest !== null) this.marks.shown(roomName, latest.seq);
    if (attention.settings.lastRoom !== roomName) attention.change({ lastRoom: roomName }).catch(() => undefined);
  }

  /** To be called before an event of the current room is shown. The backlog is shown as it is read. Returns the text of the line before it. */
  shows({ roomName, event, live }: RoomClientEvent): string | null {
    if (event.kind !== 'message' && event.kind !== 'newer') return null;
    this.marks.shown(roomName, event.seq);
    const view = this.#options.client.room(roomName);
    return live || view === null ? null : this.ruleBefore(view, event.seq);
  }
}
