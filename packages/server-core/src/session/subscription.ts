/**
 * One connection following one room, in three steps: backfill from the store, cutover, live.
 * The reader sees every entry after their position once and in order, whatever is appended meanwhile.
 */
import { encodeFrame, type RoomId, type UserName } from '@chat/protocol';
import type { RoomStore, StoredEntry } from '../ports/room-store.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import type { Follower, RoomFeed } from './room-feed.ts';

export interface SubscriptionOptions {
  readonly feed: RoomFeed;
  readonly store: Pick<RoomStore, 'read'>;
  readonly socket: FrameSocket;
  readonly user: UserName;
  /** Of messages before this position the user gets the hash. */
  readonly readsFrom: number;
  /** The position up to which the client has the log. */
  readonly after: number;
  /** Runs a page when it is this room's turn: the rooms of a connection share what may wait to be read. */
  readonly inTurn: (page: () => Promise<void>) => Promise<void>;
  /** Called once when the room's side ends it: the user left. */
  readonly ended: () => void;
}

/** Sent at a time, before waiting for the reader. */
const page = { entries: 256, bytes: 256 * 1024 };

export class Subscription implements Follower {
  readonly #options: SubscriptionOptions;
  #position: number;
  /** Where the user left: nothing is sent beyond. */
  #last = Number.POSITIVE_INFINITY;
  #phase: 'backfill' | 'live' | 'ended' = 'backfill';

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#position = options.after;
    options.feed.follow(this);
  }

  get user(): UserName {
    return this.#options.user;
  }

  get room(): RoomId {
    return this.#options.feed.log.id;
  }

  get sink(): FrameSocket {
    return this.#options.socket;
  }

  get live(): boolean {
    return this.#phase === 'live';
  }

  /** Runs until the reader is live, or it ended. Rejects when the store fails. */
  async catchUp(): Promise<void> {
    const { inTurn } = this.#options;
    while (this.#phase === 'backfill' && !this.#cutOver()) await inTurn(() => this.#backfill());
  }

  endAt(position: number): void {
    this.#last = Math.min(this.#last, position);
    if (this.#phase === 'live') this.#finish();
  }

  /** Ends it now. */
  stop(): void {
    this.#phase = 'ended';
    this.#options.feed.unfollow(this);
  }

  /** Waits until the reader has taken what was sent, and sends the next page of what is published already. */
  async #backfill(): Promise<void> {
    const { store, socket } = this.#options;
    await socket.drained();
    if (this.#phase !== 'backfill') return;
    // The store may be further than what was published; that part will come live.
    const end = this.#end();
    const entries = await store.read(
      this.room,
      this.#position,
      Math.min(page.entries, end - this.#position),
      page.bytes,
    );
    const last = entries.at(-1);
    if (last === undefined) throw new Error(`The log of room ${this.room} ends before its head at ${end}.`);
    if (this.#phase !== 'backfill') return;
    socket.write(Buffer.concat(entries.map((entry) => this.#frame(entry))));
    this.#position = last.seq;
  }

  /** Goes live when there is nothing left to backfill. Between the look and the step nothing can be published. */
  #cutOver(): boolean {
    if (this.#position < this.#end()) return false;
    if (this.#last !== Number.POSITIVE_INFINITY) {
      this.#finish();
      return true;
    }
    const { feed, socket } = this.#options;
    socket.send({ push: 'caught-up', room: this.room, head: this.#end() });
    feed.goLive(socket);
    this.#phase = 'live';
    return true;
  }

  #end(): number {
    return Math.min(this.#last, this.#options.feed.log.state?.head ?? 0);
  }

  #frame({ seq, at, hash, entry }: StoredEntry): Uint8Array {
    const { room } = this;
    const hidden = entry.type === 'message' && seq < this.#options.readsFrom;
    return encodeFrame(hidden ? { push: 'stub', room, seq, hash } : { push: 'entry', room, seq, at, entry });
  }

  #finish(): void {
    this.stop();
    this.#options.ended();
  }
}
