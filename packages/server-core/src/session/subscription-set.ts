/** The rooms that one connection follows. */
import { ProtocolError, type RequestOf, type ResultOf, type RoomId, type UserName } from '@chat/protocol';
import { userIn } from '../domain/entry-rules/user-index.ts';
import { SerialQueue } from '../domain/serial-queue.ts';
import type { Subscriptions } from '../handlers/chat-call.ts';
import type { Room } from '../ports/room-store.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import type { SessionContext } from './session-context.ts';
import { Subscription } from './subscription.ts';

type SubscriptionContext = Pick<SessionContext, 'feeds' | 'limits' | 'log'>;

/** The subscriptions of one connection. */
export class SubscriptionSet implements Subscriptions {
  readonly #context: SubscriptionContext;
  readonly #socket: FrameSocket;
  readonly #open = new Map<RoomId, Subscription>();
  /** Sends pages of different rooms one after another. */
  readonly #pages = new SerialQueue();

  constructor(context: SubscriptionContext, socket: FrameSocket) {
    this.#context = context;
    this.#socket = socket;
  }

  /**
   * Follows a room from a position on. A second subscription to the same room replaces the first.
   *
   * @throws ProtocolError `limit-reached`, `not-now`
   */
  start({ room: roomId, after }: RequestOf<'subscribe'>, user: UserName, room: Room): ResultOf<'subscribe'> {
    const { feeds, limits, log } = this.#context;
    // The connection may have closed since the request came; a subscription that began now would never end.
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    const before = this.#open.get(roomId);
    if (before === undefined && this.#open.size >= limits.subscriptions) {
      throw new ProtocolError(
        'limit-reached',
        `One connection can follow ${limits.subscriptions} rooms: unsubscribe from one first.`,
      );
    }
    const feed = feeds.get(roomId);
    const subscription = new Subscription({
      feed,
      socket: this.#socket,
      user,
      readsFrom: userIn(room.members, user)?.readsFrom ?? room.head + 1,
      after,
      inTurn: (sendPage) => this.#pages.run(sendPage),
      ended: () => this.#ended(roomId),
    });
    this.#open.set(roomId, subscription);
    // After the new one has begun, so that the user stays present.
    before?.stop();

    // The answer to the request is sent first.
    setImmediate(() => {
      subscription.catchUp().catch((error: unknown) => {
        log.error({ room: roomId, user, error }, 'backfill failed');
        this.#socket.bye(
          'internal',
          'The server could not read the log: connect again and continue from your position.',
        );
      });
    });
    const hash = feed.log.hashAt(Math.min(after, room.head));
    return { head: room.head, ...feed.online, hash };
  }

  stop(roomId: RoomId): void {
    this.#open.get(roomId)?.stop();
    this.#ended(roomId);
  }

  stopAll(): void {
    for (const roomId of [...this.#open.keys()]) this.stop(roomId);
  }

  #ended(roomId: RoomId): void {
    if (this.#open.delete(roomId)) this.#context.feeds.release(roomId);
  }
}
