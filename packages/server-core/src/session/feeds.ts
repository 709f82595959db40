/** The feeds of all rooms that somebody follows; a room stays in memory for as long as it has one. */
import type { Push, RoomId, UserName } from '@chat/protocol';
import type { Rooms } from '../domain/rooms.ts';
import type { Followers } from '../handlers/chat-call.ts';
import { RoomFeed } from './room-feed.ts';

interface OpenFeed {
  readonly feed: RoomFeed;
  readonly close: () => void;
}

export class Feeds implements Followers {
  readonly #rooms: Rooms;
  readonly #open = new Map<RoomId, OpenFeed>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** This room's feed. Whoever takes it MUST call `release` after having followed it. */
  get(room: RoomId): RoomFeed {
    const open = this.#open.get(room) ?? this.#start(room);
    this.#open.set(room, open);
    return open.feed;
  }

  /** Closes the feed if nobody follows it any more. */
  release(room: RoomId): void {
    const open = this.#open.get(room);
    if (open === undefined || !open.feed.empty) return;
    this.#open.delete(room);
    open.close();
  }

  tell(room: RoomId, user: UserName, push: Push): boolean {
    return this.#open.get(room)?.feed.tell(user, push) ?? false;
  }

  /** Sends what was gathered in this tick, in all rooms. */
  flush(): void {
    for (const { feed } of this.#open.values()) feed.flush();
  }

  #start(room: RoomId): OpenFeed {
    const { log, release } = this.#rooms.hold(room);
    const feed = new RoomFeed(log);
    const unlisten = log.listen(feed);
    return {
      feed,
      close: () => {
        unlisten();
        release();
      },
    };
  }
}
