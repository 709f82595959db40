/**
 * A request that comes twice is carried out once: the second is answered with the first one's result, whether that is
 * still on its way, done, or from before a restart.
 */
import type { UserName } from '@chat/protocol';
import type { Appended, RoomStore } from '../ports/room-store.ts';

export class IdempotentRequests {
  readonly #store: Pick<RoomStore, 'findAppended'>;
  readonly #running = new Map<string, Promise<Appended>>();

  constructor(store: Pick<RoomStore, 'findAppended'>) {
    this.#store = store;
  }

  /**
   * Runs `work` unless the request is running now. `work` is started at once, so that it can take its place in order,
   * and is given what the store knows of the request: it MUST return that when it is not null.
   */
  once(
    author: UserName,
    cid: string,
    work: (earlier: Promise<Appended | null>) => Promise<Appended>,
  ): Promise<Appended> {
    const key = `${author} ${cid}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;

    // Looked up while this request is in the map: one that comes in between waits for it, so no request slips through.
    const earlier = this.#store.findAppended(author, cid);
    // It is awaited in its turn; until then its failure is nobody's yet.
    earlier.catch(() => {});
    const result = work(earlier).finally(() => this.#running.delete(key));
    this.#running.set(key, result);
    return result;
  }
}
