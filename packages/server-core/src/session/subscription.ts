/**
 * One connection that follows one room, in three steps: backfill from the store, cutover, live. The client gets every entry
 * after its position once and in order, also when entries are appended meanwhile.
 */
import { encodeRoomNumber, type RoomId, type UserName } from '@chat/protocol';
import type { FrameSocket } from '../wire/frame-socket.ts';
import type { FramedPage } from './hidden-pages.ts';
import { type Follower, type RoomFeed, restoredPush, wantedPushes } from './room-feed.ts';

/** Options of `Subscription`. */
export interface SubscriptionOptions {
  readonly feed: RoomFeed;
  readonly socket: FrameSocket;
  readonly user: UserName;
  /** Position from which on the user may read messages. Those before are sent as stubs. */
  readonly readsFrom: number;
  /** Position up to which the client has the log. */
  readonly after: number;
  /** Sends a page when it is this room's turn: the rooms of a connection share its send queue. */
  readonly inTurn: (sendPage: () => Promise<void>) => Promise<void>;
  /** Called once when the subscription ends because the user has left the room. */
  readonly ended: () => void;
}

/** Sends the entries of one room to one connection. */
export class Subscription implements Follower {
  readonly #options: SubscriptionOptions;
  /** Position up to which entries have been sent. */
  #position: number;
  /** Position of the user's departure: nothing after it is sent. */
  #lastSeq = Number.POSITIVE_INFINITY;
  #phase: 'backfill' | 'live' | 'ended' = 'backfill';

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#position = options.after;
    options.feed.follow(this);
  }

  get user(): UserName {
    return this.#options.user;
  }

  get roomId(): RoomId {
    return this.#options.feed.log.id;
  }

  get sink(): FrameSocket {
    return this.#options.socket;
  }

  get live(): boolean {
    return this.#phase === 'live';
  }

  /** Backfills until the subscription is live or has ended. Rejects when the store fails. */
  async catchUp(): Promise<void> {
    const { feed, inTurn, socket } = this.#options;
    socket.write(encodeRoomNumber(feed.number, this.roomId));
    while (this.#phase === 'backfill' && !this.#cutOver()) await inTurn(() => this.#sendPage());
  }

  endAt(seq: number): void {
    this.#lastSeq = Math.min(this.#lastSeq, seq);
    if (this.#phase === 'live') this.#finish();
  }

  /** Ends the subscription at once. */
  stop(): void {
    this.#phase = 'ended';
    this.#options.feed.unfollow(this);
  }

  /** Waits until the send queue is empty, then sends the next page of published entries. */
  async #sendPage(): Promise<void> {
    const { feed, socket, readsFrom } = this.#options;
    await socket.drained();
    if (this.#phase !== 'backfill') return;
    // Not further than what is published, although the store may have more: that part is sent live.
    const end = this.#end();
    const hiddenEnd = Math.min(end, readsFrom - 1);
    const range = { after: this.#position, last: hiddenEnd };
    const page = this.#position < hiddenEnd ? await feed.readHidden(range) : await this.#readPage(end);
    if (this.#phase !== 'backfill') return;
    socket.write(page.frames);
    this.#position = page.last;
  }

  async #readPage(end: number): Promise<FramedPage> {
    const { feed } = this.#options;
    const entries = await feed.log.readPage(this.#position, end);
    const last = entries.at(-1);
    if (last === undefined) throw new Error(`The log of room ${this.roomId} ends before its head at ${end}.`);
    return { frames: Buffer.concat(entries.map((entry) => feed.frameOf(entry))), last: last.seq };
  }

  /** Goes live when nothing is left to backfill. It is synchronous, so nothing is published between the check and the step. */
  #cutOver(): boolean {
    if (this.#position < this.#end()) return false;
    if (this.#lastSeq !== Number.POSITIVE_INFINITY) {
      this.#finish();
      return true;
    }
    const { feed, socket } = this.#options;
    socket.send({ push: 'caught-up', room: this.roomId, head: this.#end() });
    const { restored } = feed.log;
    if (restored !== null) socket.send(restoredPush(this.roomId, restored));
    for (const push of wantedPushes(this.roomId, feed.log.wanted.positions)) socket.send(push);
    feed.goLive(socket);
    this.#phase = 'live';
    return true;
  }

  #end(): number {
    return Math.min(this.#lastSeq, this.#options.feed.log.state?.head ?? 0);
  }

  #finish(): void {
    this.stop();
    this.#options.ended();
  }
}
