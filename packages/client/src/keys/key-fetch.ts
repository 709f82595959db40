/** Fetches the secrets of a room's epochs: the wrap from the server if it has one, otherwise from another member. */
import { type Applied, acceptWrap, type RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { explain } from '../errors.ts';
import { type AskingRoom, KeyRequest } from './key-request.ts';

const retryDelayMs = 1_000;

/** The result of a fetch. `disconnected`: the connection was lost, and the next one fetches everything again. */
export type Fetched = Applied | 'disconnected';

/** True if this member is a recipient of the epoch. */
function isRecipientOf({ members, invited, me, epochs }: RoomState, epochNumber: number): boolean {
  const from = members[me]?.readsFrom ?? invited[me]?.seq;
  const epoch = epochs[epochNumber];
  return epoch !== undefined && from !== undefined && from <= epoch.answers;
}

/** True if the epoch was made while this member was invited and had not joined. */
function isFromBeforeJoin({ members, me, epochs }: RoomState, epochNumber: number): boolean {
  const joinedAt = members[me]?.joinedAt;
  return joinedAt === undefined || (epochs[epochNumber]?.answers ?? joinedAt) < joinedAt;
}

/** Fetches the secrets of one room's epochs. */
export class KeyFetch {
  readonly #context: ClientContext;
  readonly #request: KeyRequest;

  constructor(context: ClientContext, room: AskingRoom) {
    this.#context = context;
    this.#request = new KeyRequest(context, room);
  }

  /**
   * Fetches the secret of one epoch.
   *
   * @param connected returns whether the connection on which this began still lasts
   * @returns the state with the secret and those that follow from it; unchanged if neither the server nor a member has it
   */
  async fetch(state: RoomState, epochNumber: number, connected: () => boolean): Promise<Fetched> {
    const own = await this.#fetchFromServer(state, epochNumber, connected);
    if (own === 'disconnected' || own.state.secrets[epochNumber] !== undefined) return own;
    const asked = await this.#request.ask(own, epochNumber, connected);
    return connected() ? asked : 'disconnected';
  }

  /** Fetches each secret that this member lacks and is a recipient of, the earliest first. */
  async fetchMissing(state: RoomState, connected: () => boolean): Promise<Fetched> {
    let fetched: Applied = { state, events: [] };
    for (const epochNumber of Object.keys(state.epochs)
      .map(Number)
      .sort((a, b) => a - b)) {
      if (fetched.state.secrets[epochNumber] !== undefined || !isRecipientOf(state, epochNumber)) continue;
      const next = await this.fetch(fetched.state, epochNumber, connected);
      if (next === 'disconnected') return next;
      fetched = { state: next.state, events: [...fetched.events, ...next.events] };
    }
    return fetched;
  }

  /** To be called when a member has answered. Returns true if the client was waiting for the answer. */
  given(epochNumber: number): boolean {
    return this.#request.given(epochNumber);
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#request.disconnected();
  }

  async #fetchFromServer(state: RoomState, epochNumber: number, connected: () => boolean): Promise<Fetched> {
    const { request, prekeys, crypto, emit, scheduler } = this.#context;
    for (let attempt = 1; ; attempt++) {
      try {
        const { envelope } = await request('get-wrap', { room: state.room, number: epochNumber });
        const accepted = acceptWrap(state, { epochNumber, envelope, prekeys: prekeys.keys }, crypto);
        // If the invitation waited for long, the client has erased the prekey of that time: a wrong key is no violation then.
        return isFromBeforeJoin(state, epochNumber) ? { ...accepted, events: [] } : accepted;
      } catch (error) {
        if (!connected()) return 'disconnected';
        if (reactionTo('fetch-key', error) === 'ask-others') return { state, events: [] };
        if (attempt === 1) emit({ kind: 'trouble', ...explain(error) });
        await new Promise<void>((resolve) => scheduler.after(retryDelayMs, resolve));
        if (!connected()) return 'disconnected';
      }
    }
  }
}
