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

/** Results that are remembered, so that a repeat needs no look-up: at most twice as many, 200 bytes each. */
const maxRemembered = 10_000;
/** Users who are remembered because they have repeated a request later than a client does. */
const maxRepeaters = 10_000;

/** The pending and the latest requests, and the look-up of those that the store has appended. */
export class IdempotentRequests {
  readonly #store: Pick<RoomStore, 'findAppended'>;
  readonly #pending = new Map<string, Promise<Appended>>();
  /** Results by request. The younger half becomes the older one when it is full. */
  #latest = new Map<string, Appended>();
  #older = new Map<string, Appended>();
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
    const key = `${author.user} ${cid}`;
    const known = this.#latest.get(key) ?? this.#older.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;

    // A repeat that comes during the look-up finds the request in the map and waits for it.
    const isNew = entry.type === 'message' && this.#sendsNew.has(author) && !this.#mayRepeat(author.user);
    const done = (appended: Appended): Appended => {
      this.#pending.delete(key);
      this.#remember(key, appended);
      return appended;
    };
    const failed = (error: unknown): never => {
      this.#pending.delete(key);
      throw error;
    };
    const result = isNew
      ? work(null).then(done, (error: unknown) => this.#earlierOf(request, error).then(done, failed))
      : this.#withLookUp(request, work).then(done, failed);
    this.#pending.set(key, result);
    return result;
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

  #remember(key: string, appended: Appended): void {
    if (this.#latest.size >= maxRemembered) {
      this.#older = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(key, appended);
  }
}

/** Returns whether the store has refused the request because it was appended before. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof StoreConflict && error.cause.code === 'duplicate';

/** Returns whether the request was refused, so that it is certain that nothing was stored now. */
const isRefusal = (error: unknown): boolean => error instanceof ProtocolError && error.code !== 'internal';
