/** The rooms that one connection follows. */
import { ProtocolError, type RequestOf, type ResultOf, type RoomId } from '@chat/protocol';
import { SerialQueue } from '../domain/serial-queue.ts';
import type { Subscriptions } from '../handlers/chat-call.ts';
import type { RegisteredUser } from '../identity/registered-user.ts';
import type { Room } from '../ports/room-store.ts';
import type { FrameSocket } from '../wire/frame-socket.ts';
import type { SessionContext } from './session-context.ts';
import { Subscription } from './subscription.ts';

/** What following rooms takes of what all sessions share. */
type FollowingContext = Pick<SessionContext, 'feeds' | 'services' | 'limits' | 'log'>;

export class SubscriptionSet implements Subscriptions {
  readonly #context: FollowingContext;
  readonly #socket: FrameSocket;
  readonly #open = new Map<RoomId, Subscription>();
  readonly #pages = new SerialQueue();

  constructor(context: FollowingContext, socket: FrameSocket) {
    this.#context = context;
    this.#socket = socket;
  }

  /** Follows a room from a position on; a second time it begins anew from there. Throws `limit-reached`. */
  start({ room, after }: RequestOf<'subscribe'>, person: RegisteredUser, state: Room): ResultOf<'subscribe'> {
    const { feeds, services, limits, log } = this.#context;
    // It may have closed since the request came; what began now would never end.
    if (!this.#socket.open) throw new ProtocolError('not-now', 'The connection is closing.');
    const before = this.#open.get(room);
    if (before === undefined && this.#open.size >= limits.subscriptions) {
      throw new ProtocolError(
        'limit-reached',
        `One connection follows ${limits.subscriptions} rooms: unsubscribe from one first.`,
      );
    }
    const feed = feeds.get(room);
    const subscription = new Subscription({
      feed,
      store: services.store,
      socket: this.#socket,
      user: person.user,
      readsFrom: state.members.find((member) => member.user === person.user)?.readsFrom ?? state.head + 1,
      after,
      inTurn: (page) => this.#pages.take(page),
      ended: () => this.#ended(room),
    });
    this.#open.set(room, subscription);
    // After the new one has begun, so that nobody is told of a going and a coming.
    before?.stop();

    // The answer to the request goes out first.
    setImmediate(() => {
      subscription.catchUp().catch((error: unknown) => {
        log.error({ room, user: person.user, error }, 'backfill failed');
        this.#socket.bye(
          'internal',
          'The server could not read the log: connect again and read on from where you are.',
        );
      });
    });
    return { head: state.head, online: feed.online };
  }

  stop(room: RoomId): void {
    this.#open.get(room)?.stop();
    this.#ended(room);
  }

  stopAll(): void {
    for (const room of [...this.#open.keys()]) this.stop(room);
  }

  #ended(room: RoomId): void {
    if (this.#open.delete(room)) this.#context.feeds.release(room);
  }
}
