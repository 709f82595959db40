/**
 * Carries out each request once. A repeat gets the result of the first, whether that is still pending, done, or from before a
 * restart.
 */
import type { UserName } from '@chat/protocol';
import type { Appended, RoomStore } from '../ports/room-store.ts';

/** The pending requests, and the look-up of those that the store has appended. */
export class IdempotentRequests {
  readonly #store: Pick<RoomStore, 'findAppended'>;
  readonly #pending = new Map<string, Promise<Appended>>();

  constructor(store: Pick<RoomStore, 'findAppended'>) {
    this.#store = store;
  }

  /**
   * Runs `work` unless the same request is pending. `work` starts at once, so that it can take its place in order. It gets
   * the earlier result that the store has for this request, and MUST return that result when there is one.
   *
   * @param cid the client's id of the request
   */
  once(
    author: UserName,
    cid: string,
    work: (earlier: Promise<Appended | null>) => Promise<Appended>,
  ): Promise<Appended> {
    const key = `${author} ${cid}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;

    // A repeat that comes during this look-up finds the request in the map and waits for it.
    const earlier = this.#store.findAppended(author, cid);
    // `work` awaits it later. Until then a rejection must not count as unhandled.
    earlier.catch(() => {});
    const result = work(earlier).finally(() => this.#pending.delete(key));
    this.#pending.set(key, result);
    return result;
  }
}
