/** What a holder serves of its client: calls, what the client shows, and what it reports. */
import { randomBytes } from 'node:crypto';
import { isReadMessage } from '@chat/room';
import type { ChatClient } from '../../../chat-client.ts';
import type { ClientEvent } from '../../../events.ts';
import type { SendOptions } from '../../../messages/saying.ts';
import { systemScheduler } from '../../scheduler.ts';
import {
  type Begin,
  beginOf,
  type Greeting,
  guestCall,
  type HolderMessage,
  localErrorOf,
  type Progress,
} from '../local-messages.ts';
import { isLocalMethod, isSaying, localMethods, perform } from '../local-methods.ts';
import { KeptEvents } from './kept-events.ts';
import { PublishedViews } from './published-views.ts';
import type { WantedConnection } from './wanted-connection.ts';

/** How long events are kept that the guests of an earlier holder may have missed. */
const keptForMs = 60_000;

/** The room of which the views can have changed with an event; null for all. */
const roomOf = (event: ClientEvent): string | null =>
  'roomName' in event && event.kind !== 'left' && event.kind !== 'direct-moved' ? event.roomName : null;

/** Returns whether a call puts a message into the outbox. */
const isWord = (method: string): boolean => isLocalMethod(method) && isSaying(method);

/** The room of which the views can have changed with a call; null for all, `undefined` for none. */
function roomOfCall(method: string, [roomName]: readonly unknown[]): string | null | undefined {
  if (isWord(method) || method === 'attention.markRead') return typeof roomName === 'string' ? roomName : null;
  return method.startsWith('messages.') && method !== 'messages.setRetention' ? undefined : null;
}

/**
 * A message changes little of what is shown of its room, and so does a mark. Thousands may come at once, in a room of thousands. So the views
 * follow when the turn is over.
 */
const isFrequent = (event: ClientEvent): boolean =>
  event.kind === 'read' || (event.kind === 'room' && isReadMessage(event.event));

/** The receivers of what is served. */
export interface Audience {
  /** False while there is no guest, so that nothing is compared for them. */
  readonly isThere: () => boolean;
  readonly toAll: (message: HolderMessage) => void;
}

/** The guest that calls. */
export interface Caller {
  /** Aborted when the guest has ended, and learns nothing any more. */
  readonly signal: AbortSignal;
  /** Called with the id of a call whose message waits in the outbox on the disk. */
  readonly kept: (id: number) => void;
}

/** The client of a holder. */
export class ServedClient {
  readonly #id = randomBytes(16).toString('hex');
  readonly #connection: WantedConnection;
  readonly #client: ChatClient;
  readonly #audience: Audience;
  readonly #views: PublishedViews;
  readonly #unsubscribe: () => void;
  readonly #cancelKept: () => void;
  /** The rooms to look at when the present event is over; null stands for all. */
  readonly #changing = new Set<string | null>();
  #cancelSoon: () => void = () => undefined;
  readonly #kept = new KeptEvents();
  readonly #begin: Begin;

  constructor(connection: WantedConnection, audience: Audience) {
    this.#connection = connection;
    this.#client = connection.client;
    this.#audience = audience;
    this.#views = new PublishedViews(this.#client);
    this.#unsubscribe = connection.subscribe((event) => this.#pass(event));
    this.#begin = beginOf(this.#client.rooms());
    this.#cancelKept = systemScheduler.after(keptForMs, () => this.#kept.drop());
  }

  /**
   * Returns what a new guest learns, and the events that follow.
   *
   * @param resumes how far it has got as a guest of this holder or of another one; null for a new program
   */
  greet(resumes: Progress | null): { readonly greeting: Greeting; readonly events: readonly ClientEvent[] } {
    // Before this one gets everything, the others get what they do not have.
    this.#publish(null);
    const { user, fingerprint } = this.#client;
    const all = this.#kept.count;
    const seen = resumes?.holder === this.#id ? resumes.seen : 0;
    const events = resumes === null ? [] : this.#kept.after(seen);
    const progress = { holder: this.#id, seen: all - (events?.length ?? 0) };
    const changes = this.#views.all();
    return {
      greeting: { user, fingerprint, changes, begin: this.#begin, progress, missed: events === null },
      events: events ?? [],
    };
  }

  /**
   * Carries out a call of a guest, and returns the answer. What the call has changed is published before. The message of a guest that has
   * ended is sent all the same; if it cannot be, all others learn it.
   *
   * @throws what `guestCall` throws for a message that is no call
   */
  async answer(value: unknown, { signal, kept }: Caller): Promise<HolderMessage> {
    const { id, method, arguments: given } = guestCall.parse(value);
    const answering = this.#carryOut(method, given, { signal, onKept: () => kept(id) }).then(
      (result): HolderMessage => ({ kind: 'result', id, value: result }),
      (error: unknown): HolderMessage => ({ kind: 'failed', id, error: localErrorOf(error) }),
    );
    const roomName = roomOfCall(method, given);
    // A message waits in the outbox now, and its program must not end before it has left.
    if (isWord(method)) this.#publishSoon(roomName ?? null);
    const answer = await answering;
    if (roomName !== undefined) this.#publish(roomName);
    return answer;
  }

  /** Publishes what has changed without an event. */
  refresh(): void {
    this.#publish(null);
  }

  /** Serves nothing more. */
  stop(): void {
    this.#cancelKept();
    this.#cancelSoon();
    this.#unsubscribe();
  }

  async #carryOut(
    method: string,
    given: readonly unknown[],
    hooks: Pick<SendOptions, 'signal' | 'onKept'>,
  ): Promise<unknown> {
    if (!isLocalMethod(method)) throw new Error(`There is no method ${method}.`);
    const args = localMethods[method].arguments.safeParse(given);
    if (!args.success) throw new Error(`These are no arguments of ${method}.`);
    return perform(this.#connection, method, args.data, hooks);
  }

  #pass(event: ClientEvent): void {
    this.#kept.push(event);
    if (!this.#audience.isThere()) return;
    const roomName = roomOf(event);
    if (!isFrequent(event)) this.#publish(roomName);
    this.#audience.toAll({ kind: 'event', event });
    // The client may change more before it is done with what it has reported: it drops a delivered message from the outbox, for example.
    this.#publishSoon(roomName);
  }

  #publishSoon(roomName: string | null): void {
    if (this.#changing.size === 0) {
      this.#cancelSoon = systemScheduler.after(0, () => {
        const rooms = this.#changing.has(null) ? [null] : [...this.#changing];
        this.#changing.clear();
        for (const each of rooms) this.#publish(each);
      });
    }
    this.#changing.add(roomName);
  }

  #publish(roomName: string | null): void {
    if (!this.#audience.isThere()) return;
    const changes = this.#views.changes(roomName);
    if (changes !== null) this.#audience.toAll({ kind: 'changes', changes });
  }
}
