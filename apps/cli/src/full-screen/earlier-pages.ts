/** Reads the messages of before from the archive, page by page as the user scrolls. */
import type { MessageView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import { unreadablePages } from '../text/error-sentence.ts';
import { earliestSeq, type RoomLog } from './model/room-log.ts';

/** The number of messages of a page. */
const pageMessages = 100;

/** Options of `EarlierPages`. */
export interface EarlierPagesOptions {
  readonly client: Pick<Client, 'messages'>;
  /** Takes a page; an empty one if there are no messages of before, or they cannot be read. */
  taken(roomName: RoomName, page: readonly MessageView[]): void;
  alarm(text: string): void;
}

/** The archive of one client. */
export class EarlierPages {
  readonly #options: EarlierPagesOptions;
  #isReading = false;

  constructor(options: EarlierPagesOptions) {
    this.#options = options;
  }

  /** Reads the page before the messages of a log, if there may be one and no page is being read. */
  wanted(roomName: RoomName | null, log: RoomLog): void {
    const before = earliestSeq(log);
    if (roomName === null || before === null || log.isWhole || this.#isReading) return;
    this.#isReading = true;
    void this.#read(roomName, before);
  }

  async #read(roomName: RoomName, before: number): Promise<void> {
    const { client, taken, alarm } = this.#options;
    const page = await client.messages.page(roomName, { before, limit: pageMessages }).catch((error: unknown) => {
      alarm(unreadablePages(error));
      return [];
    });
    this.#isReading = false;
    taken(roomName, page);
  }
}
