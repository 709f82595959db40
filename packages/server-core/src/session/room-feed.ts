/** A room's live side: everybody who follows it, who of them is present, and the broadcast to those who have caught up. */
import { encodeFrame, type Push, type SignedKnock, type UserName } from '@chat/protocol';
import { Presence } from '../domain/presence.ts';
import type { RoomListener, RoomLog } from '../domain/room-log.ts';
import type { Room, StoredEntry } from '../ports/room-store.ts';
import { Broadcast, type Sink } from '../wire/broadcast.ts';

/** One connection that follows the room. */
export interface Follower {
  readonly user: UserName;
  readonly sink: Sink;
  /** Whether the broadcast reaches it yet. */
  readonly live: boolean;
  /** Ends it once the entry at this position has been sent. */
  endAt(position: number): void;
}

export class RoomFeed implements RoomListener {
  readonly log: RoomLog;
  readonly #broadcast = new Broadcast();
  readonly #presence = new Presence();
  readonly #followers = new Set<Follower>();
  /** The latest removal that was looked at. */
  #removalSeq = 0;

  constructor(log: RoomLog) {
    this.log = log;
    this.#removalSeq = log.state?.removalSeq ?? 0;
  }

  get online(): UserName[] {
    return this.#presence.online;
  }

  get empty(): boolean {
    return this.#followers.size === 0;
  }

  follow(follower: Follower): void {
    if (this.#presence.arrive(follower.user)) this.#announce(follower.user, true);
    this.#followers.add(follower);
  }

  unfollow(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    this.#broadcast.delete(follower.sink);
    if (this.#presence.depart(follower.user)) this.#announce(follower.user, false);
  }

  /** From now on what is published goes to this sink too. */
  goLive(sink: Sink): void {
    this.#broadcast.add(sink);
  }

  /** Sends what was gathered in this tick. */
  flush(): void {
    this.#broadcast.flush();
  }

  entry({ seq, at, entry }: StoredEntry): void {
    this.#broadcast.push(encodeFrame({ push: 'entry', room: this.log.id, seq, at, entry }));
  }

  state({ head, members, removalSeq }: Room): void {
    if (removalSeq === this.#removalSeq) return;
    this.#removalSeq = removalSeq;
    const users = new Set(members.map((member) => member.user));
    for (const follower of this.#followers) if (!users.has(follower.user)) follower.endAt(head);
  }

  knock(knock: SignedKnock): void {
    this.#tellAll({ push: 'knock', room: this.log.id, knock });
  }

  /** Sends this to the user's connections; whether there are any. */
  tell(user: UserName, push: Push): boolean {
    const own = [...this.#followers].filter((follower) => follower.user === user);
    const frame = own.length === 0 ? null : encodeFrame(push);
    for (const { sink } of own) if (frame !== null) sink.write(frame);
    return own.length > 0;
  }

  #announce(user: UserName, online: boolean): void {
    this.#tellAll({ push: 'presence', room: this.log.id, user, online });
  }

  #tellAll(push: Push): void {
    const frame = encodeFrame(push);
    this.#broadcast.push(frame);
    // For those who are still catching up the broadcast has not begun. Not before the answer to their request, though.
    const others = [...this.#followers].filter((follower) => !follower.live);
    setImmediate(() => {
      for (const { sink } of others) sink.write(frame);
    });
  }
}
