/** The messages of before: which ones the user has seen of each room, and the page before them. */
import type { MessageView } from '@chat/client';
import type { RoomName } from '@chat/protocol';
import type { Client } from '../client-surface.ts';
import { Search } from './search.ts';

/** The number of messages that are printed when the user enters a room: the least, the most, and of those that the user has read before unread ones. */
const [leastShown, mostShown, readShown] = [20, 200, 5] as const;
/** The number of messages of a page. */
const messagesOfPage = 50;

/** Pages through the rooms of one client. */
export class LookingBack {
  /** The search that the user made last. */
  readonly search: Search;
  readonly #client: Pick<Client, 'messages'>;
  /** The position of the earliest message that was printed of each room. */
  readonly #earliest = new Map<RoomName, number>();

  constructor(client: Pick<Client, 'messages'>) {
    this.#client = client;
    this.search = new Search(client.messages);
  }

  /**
   * Returns the latest messages of a room. The page before them is the next one.
   *
   * @param unread the number of those that the user has not read
   */
  async latest(roomName: RoomName, unread: number): Promise<readonly MessageView[]> {
    const limit = Math.min(mostShown, Math.max(leastShown, unread + readShown));
    const latest = await this.#client.messages.page(roomName, { limit });
    this.#earliest.delete(roomName);
    this.#read(roomName, latest);
    return latest;
  }

  /** Returns the messages before those that were printed last of a room. */
  async earlier(roomName: RoomName): Promise<readonly MessageView[]> {
    const before = this.#earliest.get(roomName);
    const page = await this.#client.messages.page(roomName, { before, limit: messagesOfPage });
    this.#read(roomName, page);
    return page;
  }

  #read(roomName: RoomName, page: readonly MessageView[]): void {
    const [first] = page;
    if (first !== undefined) this.#earliest.set(roomName, first.seq);
  }
}
