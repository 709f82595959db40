/**
 * Carries out each request once. A repeat gets the result of the first, whether that is still pending, done, or from before a
 * restart.
 *
 * A look-up in the store would double the time of an append, so a message is not looked up while its session sends new ones. A client
 * repeats requests in order, first of all after it has connected: the first requests of each session are looked up until one of them
 * is new, and the next one after each refusal. Should a later one be a repeat all the same, then the store refuses it, which costs the
 * room a reload; from then on every request of that user is looked up.
 */
import { ProtocolError, type UserName } from '@chat/protocol';
import type { RegisteredUser } from '../../identity/registered-user.ts';
import { type Appended, type RoomStore, StoreConflict } from '../../ports/room-store.ts';
import type { CreateRequest } from '../entry-rules/append-rules.ts';

/**
 * Starts the work for a request at once, so that it can take its place in order. It gets the earlier result that the store has for the
 * request, and MUST return that result when there is one. Null: nothing is looked up, because the request is new.
 */
export type Work = (earlier: Promise<Appended | null> | null) => Promise<Appended>;

/** Results that are remembered, so that a repeat needs no look-up: at most twice as many, 150 bytes each. */
const maxRemembered = 10_000;
/** Users who are remembered because they have repeated a request later than a client does. */
const maxRepeaters = 10_000;

interface PendingRequest {
  readonly author: UserName;
  readonly result: Promise<Appended>;
}

interface RememberedResult extends Appended {
  readonly author: UserName;
}

/**
 * The pending and the latest requests, and the look-up of those that the store has appended. The maps are by `cid`, which is random:
 * when two users choose the same one, only one of their requests is found here, and the store decides about the other.
 */
export class IdempotentRequests {
  readonly #store: Pick<RoomStore, 'findAppended'>;
  readonly #pending = new Map<string, PendingRequest>();
  /** The younger half becomes the older one when it is full. */
  #latest = new Map<string, RememberedResult>();
  #older = new Map<string, RememberedResult>();
  /** The sessions whose latest request was new. Each session has an object of its own for its user. */
  readonly #sendsNew = new WeakSet<RegisteredUser>();
  readonly #repeaters = new Set<UserName>();

  constructor(store: Pick<RoomStore, 'findAppended'>) {
    this.#store = store;
  }

  /**
   * Does the work unless the same request is pending or was carried out before.
   *
   * @param request its `cid` is the client's id of the request
   */
  once(request: CreateRequest, work: Work): Promise<Appended> {
    const { author, cid, entry } = request;
    const known = this.#latest.get(cid) ?? this.#older.get(cid);
    if (known?.author === author.user) return Promise.resolve(known);
    const pending = this.#pending.get(cid);
    if (pending?.author === author.user) return pending.result;

    // A repeat that comes during the look-up finds the request in the map and waits for it.
    const isNew = entry.type === 'message' && this.#sendsNew.has(author) && !this.#mayRepeat(author.user);
    const done = (appended: Appended): Appended => this.#done(request, appended);
    const failed = (error: unknown): never => {
      this.#settle(request);
      throw error;
    };
    const result = isNew
      ? work(null).then(done, (error: unknown) => this.#earlierOf(request, error).then(done, failed))
      : this.#withLookUp(request, work).then(done, failed);
    if (pending === undefined) this.#pending.set(cid, { author: author.user, result });
    return result;
  }

  #done(request: CreateRequest, appended: Appended): Appended {
    this.#settle(request);
    const { room, seq, at } = appended;
    this.#remember(request.cid, { author: request.author.user, room, seq, at });
    return appended;
  }

  #settle({ author, cid }: CreateRequest): void {
    if (this.#pending.get(cid)?.author === author.user) this.#pending.delete(cid);
  }

  async #withLookUp({ author, cid }: CreateRequest, work: Work): Promise<Appended> {
    const earlier = this.#store.findAppended(author.user, cid);
    // `work` awaits it later. Until then a rejection must not count as unhandled.
    earlier.catch(() => {});
    const appended = await work(earlier);
    if ((await earlier) === null) this.#sendsNew.add(author);
    return appended;
  }

  /** Returns the result that the store has for a request that was not looked up before it failed. Rejects with its error if there is none. */
  async #earlierOf({ author, cid }: CreateRequest, error: unknown): Promise<Appended> {
    this.#sendsNew.delete(author);
    const isRepeat = isDuplicate(error);
    if (!isRepeat && !isRefusal(error)) throw error;
    // Also what the rules of the room refuse by now may have been appended before.
    const earlier = await this.#store.findAppended(author.user, cid);
    if (earlier === null) throw error;
    if (isRepeat) this.#repeaters.add(author.user);
    return earlier;
  }

  /** Once there are too many to remember, all are looked up. */
  #mayRepeat(user: UserName): boolean {
    return this.#repeaters.has(user) || this.#repeaters.size >= maxRepeaters;
  }

  #remember(cid: string, result: RememberedResult): void {
    if (this.#latest.size >= maxRemembered) {
      this.#older = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(cid, result);
  }
}

/** Returns whether the store has refused the request because it was appended before. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof StoreConflict && error.cause.code === 'duplicate';

/** Returns whether the request was refused, so that it is certain that nothing was stored now. */
const isRefusal = (error: unknown): boolean => error instanceof ProtocolError && error.code !== 'internal';
