/**
 * Fetching the wraps of a room's keys: as long as the server may still have one, until it says that it has none; then the
 * other members are asked.
 */
import { type Applied, acceptWrap, type RoomState } from '@chat/room';
import { type ClientContext, explain } from '../context.ts';
import { type AskingRoom, KeyRequest } from './key-request.ts';

/** Between two attempts, in ms. */
const retry = 1_000;

/** There is none for us; or we are out of the room, as the log will say further on. */
const none: ReadonlySet<string> = new Set(['no-wrap', 'not-a-member', 'removed', 'unknown-room']);

/** `disconnected`: the connection was lost meanwhile, and all of it will be asked for again. */
export type Fetched = Applied | 'disconnected';

/** Whether this epoch's key was made for this member too. */
function isOurs({ members, invited, me, epochs }: RoomState, number: number): boolean {
  const from = members[me]?.readsFrom ?? invited[me]?.seq;
  const epoch = epochs[number];
  return epoch !== undefined && from !== undefined && from <= epoch.answers;
}

/** Whether this epoch was made while this member was invited and had not joined. */
function isFromBeforeJoin({ members, me, epochs }: RoomState, number: number): boolean {
  const joinedAt = members[me]?.joinedAt;
  return joinedAt === undefined || (epochs[number]?.answers ?? joinedAt) < joinedAt;
}

export class KeyFetch {
  readonly #context: ClientContext;
  readonly #request: KeyRequest;

  constructor(context: ClientContext, room: AskingRoom) {
    this.#context = context;
    this.#request = new KeyRequest(context, room);
  }

  /**
   * The state with the secret of this epoch, and with those that follow from it; as it was, when neither the server nor
   * those who were asked have it for us.
   *
   * @param connected whether the connection on which this began still lasts
   */
  async fetch(state: RoomState, number: number, connected: () => boolean): Promise<Fetched> {
    const own = await this.#fetchOwn(state, number, connected);
    if (own === 'disconnected' || own.state.secrets[number] !== undefined) return own;
    const asked = await this.#request.ask(own, number, connected);
    return connected() ? asked : 'disconnected';
  }

  /** The same for every epoch that was made for us too and whose secret we lack, the earliest first. */
  async fetchMissing(state: RoomState, connected: () => boolean): Promise<Fetched> {
    let fetched: Applied = { state, events: [] };
    for (const number of Object.keys(state.epochs)
      .map(Number)
      .sort((a, b) => a - b)) {
      if (fetched.state.secrets[number] !== undefined || !isOurs(state, number)) continue;
      const next = await this.fetch(fetched.state, number, connected);
      if (next === 'disconnected') return next;
      fetched = { state: next.state, events: [...fetched.events, ...next.events] };
    }
    return fetched;
  }

  /** The server has the key of this epoch from somebody who was asked. Returns whether that was waited for. */
  given(number: number): boolean {
    return this.#request.given(number);
  }

  disconnected(): void {
    this.#request.disconnected();
  }

  async #fetchOwn(state: RoomState, number: number, connected: () => boolean): Promise<Fetched> {
    const { request, prekeys, crypto, emit, scheduler } = this.#context;
    for (let attempt = 1; ; attempt++) {
      try {
        const { envelope } = await request('get-wrap', { room: state.room, number });
        const accepted = acceptWrap(state, { epochNumber: number, envelope, prekeys: prekeys.keys }, crypto);
        // An invitation may have lain for so long that the prekey of its time is erased: nobody is at fault.
        return isFromBeforeJoin(state, number) ? { ...accepted, events: [] } : accepted;
      } catch (error) {
        const { code, reason } = explain(error);
        if (!connected()) return 'disconnected';
        if (none.has(code)) return { state, events: [] };
        if (attempt === 1) emit({ kind: 'trouble', code, reason });
        await new Promise<void>((resolve) => scheduler.after(retry, resolve));
        if (!connected()) return 'disconnected';
      }
    }
  }
}
