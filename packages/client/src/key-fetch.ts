/** Fetching the wraps of a room's keys: as long as the server may still have one, until it says that it has none. */
import { type Applied, acceptWrap, type Prekey, type RoomState } from '@chat/room';
import { type ClientContext, explain } from './context.ts';

/** Between two attempts, in ms. */
const retry = 1_000;

/** `disconnected`: the connection was lost meanwhile, and all of it will be asked for again. */
export type Fetched = Applied | 'disconnected';

export class KeyFetch {
  readonly #context: ClientContext;
  readonly #prekey: Prekey;

  constructor(context: ClientContext, prekey: Prekey) {
    this.#context = context;
    this.#prekey = prekey;
  }

  /**
   * The state with the secret of this epoch, and with those that follow from it; as it was, when the server has no wrap of
   * it for us.
   *
   * @param connected whether the connection on which this began still lasts
   */
  async fetch(state: RoomState, number: number, connected: () => boolean): Promise<Fetched> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { envelope } = await this.#context.request('get-wrap', { room: state.room, number });
        return acceptWrap(state, number, envelope, [this.#prekey], this.#context.crypto);
      } catch (error) {
        const { code, reason } = explain(error);
        if (!connected()) return 'disconnected';
        if (code === 'no-wrap') return { state, events: [] };
        if (attempt === 1) this.#context.emit({ kind: 'trouble', code, reason });
        await new Promise<void>((resolve) => this.#context.scheduler.after(retry, resolve));
        if (!connected()) return 'disconnected';
      }
    }
  }

  /** The same for every epoch that was made for us too and whose secret we lack, the earliest first. */
  async fetchMissing(state: RoomState, connected: () => boolean): Promise<Fetched> {
    let fetched: Applied = { state, events: [] };
    for (const number of Object.keys(state.epochs)
      .map(Number)
      .sort((a, b) => a - b)) {
      if (fetched.state.secrets[number] !== undefined) continue;
      const next = await this.fetch(fetched.state, number, connected);
      if (next === 'disconnected') return next;
      fetched = { state: next.state, events: [...fetched.events, ...next.events] };
    }
    return fetched;
  }
}
