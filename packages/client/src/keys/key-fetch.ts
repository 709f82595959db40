/** Fetches the secrets of a room's epochs: the wrap from the server if it has one, otherwise from another member. */
import { limits, type UserName } from '@chat/protocol';
import type { Applied, RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { explain, isDisconnection } from '../errors.ts';
import { KeyAskers } from './key-askers.ts';
import { type AskingRoom, KeyRequest } from './key-request.ts';
import { authorOfEpoch, type ReceivedWrap, takeAnswer, takeWrap } from './wrap-intake.ts';

/**
 * How often the client asks the server for a wrap. Between two attempts it waits for a second, then for twice as long each time: half
 * a minute in all. Then other members are asked, and the room is read on.
 */
const maxAttempts = 6;
const firstRetryDelayMs = 1_000;

/** The result of a fetch. `disconnected`: the connection was lost, and the next one fetches everything again. */
export type Fetched = Applied | 'disconnected';

/** True if this member is a recipient of the epoch. */
export function isRecipientOf({ members, invited, me, epochs }: RoomState, epochNumber: number): boolean {
  const from = members.get(me)?.readsFrom ?? invited.get(me)?.seq;
  const epoch = epochs[epochNumber];
  return epoch !== undefined && from !== undefined && from <= epoch.answers;
}

/** True if the epoch was made while this member was invited and had not joined. */
function isFromBeforeJoin({ members, me, epochs }: RoomState, epochNumber: number): boolean {
  const joinedAt = members.get(me)?.joinedAt;
  return joinedAt === undefined || (epochs[epochNumber]?.answers ?? joinedAt) < joinedAt;
}

/**
 * True while the room has an earlier key of the user than this client. The wraps of its epochs are for that key, whose links are erased.
 * Whatever the server and the members answer to this client is for the present key, so nothing of it can be judged.
 */
const isForEarlierKey = ({ me }: RoomState, { signer }: Pick<ClientContext, 'signer'>): boolean =>
  me !== signer.fingerprint;

/** Fetches the secrets of one room's epochs. */
export class KeyFetch {
  readonly #context: ClientContext;
  readonly #room: AskingRoom;
  readonly #request: KeyRequest;
  /** The members who ask this client for keys. */
  readonly askers: KeyAskers;
  #fetching = 0;
  /** Ends the pause before the next attempt; null when there is none. */
  #endPause: (() => void) | null = null;
  /** The wraps of epochs that were not read yet. */
  readonly #wraps = new Map<number, Uint8Array>();
  /** The latest epoch whose key was reported as missing. */
  #reported = 0;

  constructor(context: ClientContext, room: AskingRoom) {
    this.#context = context;
    this.#room = room;
    this.#request = new KeyRequest(context, room);
    this.askers = new KeyAskers(context, room);
  }

  /** The latest epoch whose key the members whom this client asked lack too; 0 for none. */
  get lostEpoch(): number {
    return this.#request.lostEpoch;
  }

  /**
   * Fetches the secret of one epoch.
   *
   * @param connected returns whether the connection on which this began still lasts
   * @returns the state with the secret and those that follow from it; unchanged if neither the server nor a member has it, or if the
   *   room has an earlier key of the user: the room is read on, so that it gets the present one
   */
  async fetch(state: RoomState, epochNumber: number, connected: () => boolean): Promise<Fetched> {
    if (isForEarlierKey(state, this.#context)) {
      this.#wraps.delete(epochNumber);
      return { state, events: [] };
    }
    this.#fetching += 1;
    try {
      const own = await this.#fetchFromServer(state, epochNumber, connected);
      if (own === 'disconnected') return own;
      const fetched = own ?? { state, events: [] };
      if (fetched.state.secrets[epochNumber] !== undefined) return fetched;
      this.askers.begin(epochNumber);
      const asked = await this.#request.ask(fetched, epochNumber, connected).finally(() => this.askers.end());
      if (!connected()) return 'disconnected';
      if (own === null && asked.state.secrets[epochNumber] === undefined) this.#reportMissing(epochNumber);
      return asked;
    } finally {
      this.#fetching -= 1;
    }
  }

  /** True while a key is being fetched. */
  get underWay(): boolean {
    return this.#fetching > 0;
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

  /**
   * Asks the server once for the secret of an epoch that a later one has replaced. No member has it any more.
   *
   * @param state with the epoch, which the room's own state has forgotten
   * @returns the state with the secret, or without it; null if the server has no wrap; `failed` if another attempt may find one
   */
  async fetchEarlier(state: RoomState, epochNumber: number): Promise<Applied | 'failed' | null> {
    const from = authorOfEpoch(state, epochNumber);
    if (from === null || isForEarlierKey(state, this.#context)) return null;
    try {
      const wrap = await this.#wrapOf(state, epochNumber);
      return wrap === null ? null : await takeWrap(this.#context, state, { epochNumber, from, wrap });
    } catch (error) {
      return !isDisconnection(error) && reactionTo('fetch-key', error) === 'ask-others' ? null : 'failed';
    }
  }

  /** To be called when the server sends the wrap of an epoch, before the epoch. */
  pushed(epochNumber: number, wrap: Uint8Array): void {
    this.#keep(epochNumber, wrap);
  }

  /** To be called when a member has answered. Returns true if the client was waiting for the answer. */
  given(answer: ReceivedWrap): boolean {
    return this.#request.given(answer);
  }

  /** Takes an answer for which the client was not waiting any more. Returns the state without the secret if it does not lead to it. */
  async takeLate(state: RoomState, answer: ReceivedWrap): Promise<RoomState> {
    if (state.secrets[answer.epochNumber] !== undefined) return state;
    const taken = await takeAnswer(this.#context, state, answer);
    return typeof taken === 'string' ? state : taken;
  }

  /** To be called when a member has answered that it lacks the key too. */
  lacked(epochNumber: number, user: UserName): void {
    this.#request.lacked(epochNumber, user);
  }

  /** To be called when the connection is lost. */
  disconnected(): void {
    this.#request.disconnected();
    this.askers.disconnected();
    this.#wraps.clear();
    this.#endPause?.();
  }

  /** Returns null if the server has failed at every attempt. */
  async #fetchFromServer(state: RoomState, epochNumber: number, connected: () => boolean): Promise<Fetched | null> {
    const { emit } = this.#context;
    const from = authorOfEpoch(state, epochNumber);
    // Wraps of version 1 are not served any more.
    if (from === null || state.epochs[epochNumber]?.v === 1) return { state, events: [] };
    for (let attempt = 1; ; attempt++) {
      try {
        const wrap = await this.#wrapOf(state, epochNumber);
        if (!connected()) return 'disconnected';
        if (wrap === null) return { state, events: [] };
        const taken = await takeWrap(this.#context, state, { epochNumber, from, wrap });
        if (!connected()) return 'disconnected';
        if (!isFromBeforeJoin(state, epochNumber)) return taken;
        // If the invitation waited for long, the client has erased the link of that time: it cannot see whether the author is at fault.
        return { ...taken, events: taken.events.filter((event) => 'code' in event && event.code === 'wrong-wrap') };
      } catch (error) {
        if (!connected()) return 'disconnected';
        if (reactionTo('fetch-key', error) === 'ask-others') return { state, events: [] };
        if (attempt === 1) emit({ kind: 'trouble', ...explain(error) });
        if (attempt === maxAttempts) return null;
        await this.#pause(firstRetryDelayMs * 2 ** (attempt - 1));
        if (!connected()) return 'disconnected';
      }
    }
  }

  /** Returns the wrap of an epoch, which the server may have sent already; null if the server has none. */
  async #wrapOf(state: RoomState, epochNumber: number): Promise<Uint8Array | null> {
    if (!this.#wraps.has(epochNumber)) {
      const range = { from: epochNumber, to: epochNumber + limits.epochsPerRequest - 1 };
      const { wraps } = await this.#context.request('get-wraps', { room: state.room, ...range });
      for (const { number, wrap } of wraps) this.#keep(number, wrap);
    }
    const wrap = this.#wraps.get(epochNumber) ?? null;
    this.#wraps.delete(epochNumber);
    return wrap;
  }

  #keep(epochNumber: number, wrap: Uint8Array): void {
    const [oldest] = this.#wraps.keys();
    if (oldest !== undefined && this.#wraps.size >= limits.epochsPerRequest) this.#wraps.delete(oldest);
    this.#wraps.set(epochNumber, wrap);
  }

  /** Waits, but not longer than the connection lasts: the work of the next one begins after this. */
  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#endPause = null;
        resolve();
      };
      const cancel = this.#context.scheduler.after(delayMs, end);
      this.#endPause = end;
    });
  }

  #reportMissing(epochNumber: number): void {
    if (epochNumber <= this.#reported) return;
    this.#reported = epochNumber;
    const { roomName } = this.#room;
    this.#context.emit({
      kind: 'trouble',
      code: 'key-missing',
      reason: `The server has failed ${maxAttempts} times to hand out a key of ${roomName}, and no member has given it, so messages that are encrypted with it stay unreadable here. Your client goes on, and makes a new key if the room has none. Ask the other members to repeat what they said; if this lasts, tell the operator of the server.`,
    });
  }
}
