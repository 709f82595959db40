/** The live feeds of all rooms that are followed. A room stays in memory while it has a feed. */
import type { Push, RoomId, UserName } from '@chat/protocol';
import type { Rooms } from '../domain/rooms.ts';
import type { Followers } from '../handlers/chat-call.ts';
import { type Metrics, noMetrics } from '../ports/metrics.ts';
import type { FannedOut } from '../wire/broadcast.ts';
import { HiddenPages } from './hidden-pages.ts';
import type { PresenceLimits } from './presence-news.ts';
import { RoomFeed } from './room-feed.ts';

interface OpenFeed {
  readonly feed: RoomFeed;
  readonly close: () => void;
}

/** Opens a feed for each followed room, and closes it after its last release. */
export class Feeds implements Followers {
  readonly #rooms: Rooms;
  readonly #limits: PresenceLimits;
  readonly #open = new Map<RoomId, OpenFeed>();
  readonly #hidden = new HiddenPages();
  readonly #fannedOut: FannedOut;
  #started = 0;

  constructor(rooms: Rooms, limits: PresenceLimits, metrics: Metrics = noMetrics) {
    this.#fannedOut = (pushes, bytes, readers) => metrics.fannedOut(pushes, bytes, readers);
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** Returns the room's feed. The caller MUST call `release` when it no longer follows the feed. */
  get(roomId: RoomId): RoomFeed {
    const open = this.#open.get(roomId) ?? this.#start(roomId);
    this.#open.set(roomId, open);
    return open.feed;
  }

  /** Closes the feed if it has no followers. */
  release(roomId: RoomId): void {
    const open = this.#open.get(roomId);
    if (open === undefined || !open.feed.empty) return;
    this.#open.delete(roomId);
    open.close();
  }

  sendTo(user: UserName, roomId: RoomId, push: Push): boolean {
    return this.#open.get(roomId)?.feed.sendTo(user, push) ?? false;
  }

  sendToAll(roomId: RoomId, push: Push): void {
    this.#open.get(roomId)?.feed.sendToAll(push);
  }

  /** Sends the frames that were collected in this tick, in all rooms. */
  flush(): void {
    for (const { feed } of this.#open.values()) feed.flush();
  }

  #start(roomId: RoomId): OpenFeed {
    const { log, release } = this.#rooms.hold(roomId);
    // The numbers of 2^32 feeds before are not in use any more.
    const number = this.#started++ % 2 ** 32;
    const feed = new RoomFeed({ log, number, hidden: this.#hidden, limits: this.#limits, fannedOut: this.#fannedOut });
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
