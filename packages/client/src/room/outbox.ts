/**
 * What was typed and is not on the server's log yet. One message of a room is under way at a time, because each names
 * the one before. A message leaves the outbox only when we have read it on the log ourselves: the server's word that it
 * has it is not enough.
 */
import { entryHash, ProtocolError } from '@chat/protocol';
import {
  composeMessage,
  currentSecret,
  isInvitationPending,
  isRemovalPending,
  messageBytes,
  RoomError,
  type RoomState,
} from '@chat/room';
import { authorOf, type ClientContext, explain, newClientId } from '../context.ts';
import { ClientError } from '../errors.ts';
import type { Waiting } from '../storage/stored-state.ts';

/** How long after a failure that may pass by itself, in ms. */
const retry = 1_000;

/** Refusals that the log or a little patience mends. */
const passing: ReadonlySet<string> = new Set([
  'stale-epoch',
  'stale-view',
  'rekey-pending',
  'rate-limited',
  'internal',
  'stopping',
  'no-key',
]);

export interface OutboxRoom {
  readonly state: RoomState;
  /** Whether something may be said now: connected, caught up, and no identity in the room in doubt. */
  readonly mayAct: boolean;
  /** Whether the room is known as it is now. */
  readonly ownMembership: { readonly rereading: boolean };
  /** The message will not be sent again. */
  undelivered(text: string, code: string, reason: string): void;
}

interface Promised {
  resolve(place: { readonly seq: number }): void;
  reject(error: Error): void;
}

export class Outbox {
  readonly #context: ClientContext;
  readonly #room: OutboxRoom;
  #waiting: readonly Waiting[];
  readonly #promised = new Map<string, Promised>();
  #underWay = false;
  /** Where the server says that it put the first message, until the log has come that far. */
  #accepted: number | null = null;
  #cancelRetry: (() => void) | null = null;

  constructor(context: ClientContext, room: OutboxRoom, waiting: readonly Waiting[]) {
    this.#context = context;
    this.#room = room;
    this.#waiting = waiting;
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting;
  }

  /** Resolves when the message is on the log. Throws `message-too-long` at once when it can never be. */
  send(text: string): Promise<{ readonly seq: number }> {
    this.#check(text);
    const cid = newClientId(this.#context.crypto);
    this.#waiting = [...this.#waiting, { cid, text, hashes: [] }];
    this.#context.saveSoon();
    const placed = new Promise<{ seq: number }>((resolve, reject) => this.#promised.set(cid, { resolve, reject }));
    this.flush();
    return placed;
  }

  /** To be called for each message of this user that was read on the log. */
  delivered(hash: string, seq: number): void {
    const waiting = this.#waiting.find(({ hashes }) => hashes.includes(hash));
    if (waiting === undefined) return;
    if (waiting === this.#waiting[0]) this.#accepted = null;
    this.#drop(waiting)?.resolve({ seq });
  }

  /** To be called whenever the room, the connection or the key may have changed. */
  flush(): void {
    this.#doubt();
    const [first] = this.#waiting;
    const { state, mayAct } = this.#room;
    if (first === undefined || this.#underWay || this.#accepted !== null || this.#cancelRetry !== null) return;
    if (!mayAct || currentSecret(state) === null || isRemovalPending(state) || isInvitationPending(state)) return;
    void this.#submit(first);
  }

  /** The connection is gone: what was under way is sent again, under the same id, when there is another. */
  reset(): void {
    this.#accepted = null;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }

  /** The client closes: whoever waits is told. The messages stay stored. */
  abandon(error: Error): void {
    this.reset();
    for (const promised of this.#promised.values()) promised.reject(error);
    this.#promised.clear();
  }

  /** The room is gone: every text is given back. */
  giveBack(error: Error): void {
    this.reset();
    for (const waiting of this.#waiting) this.#fail(waiting, error);
  }

  /** Refuses a text that can never be sent before it is queued. */
  #check(text: string): void {
    if (!this.#room.ownMembership.rereading) messageBytes(this.#room.state, text, this.#context.scheduler.now());
  }

  async #submit(first: Waiting): Promise<void> {
    this.#underWay = true;
    try {
      const { state } = this.#room;
      const entry = composeMessage(authorOf(this.#context), state, first.text);
      const noted = { ...first, hashes: [...first.hashes, entryHash(entry)] };
      this.#waiting = this.#waiting.map((waiting) => (waiting === first ? noted : waiting));
      await this.#context.save();
      const { seq } = await this.#context.request('append', { room: state.room, cid: first.cid, entry });
      if (this.#waiting.includes(noted)) this.#accepted = seq;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#underWay = false;
    }
    this.flush();
  }

  /** The log has come to the place that the server named, and the message is not there. */
  #doubt(): void {
    const [first] = this.#waiting;
    if (first === undefined || this.#accepted === null || this.#room.state.head.seq < this.#accepted) return;
    this.#accepted = null;
    const reason =
      'The server says that it has this message, and does not show it on the log: it may be holding it back.';
    this.#fail(first, new ClientError('not-delivered', reason));
  }

  /** Only a refusal of this very message ends it; after anything else it is sent again. */
  #failed(error: unknown): void {
    const [first] = this.#waiting;
    const { code } = explain(error);
    const refused = (error instanceof ProtocolError || error instanceof RoomError) && !passing.has(code);
    if (first !== undefined && refused) {
      this.#fail(first, error);
      return;
    }
    this.#cancelRetry = this.#context.scheduler.after(retry, () => {
      this.#cancelRetry = null;
      this.flush();
    });
  }

  #fail(waiting: Waiting, error: Error): void {
    const promised = this.#drop(waiting);
    const { code, reason } = explain(error);
    if (promised !== undefined) promised.reject(error);
    else this.#room.undelivered(waiting.text, code, reason);
  }

  #drop({ cid }: Waiting): Promised | undefined {
    this.#waiting = this.#waiting.filter((waiting) => waiting.cid !== cid);
    this.#context.saveSoon();
    const promised = this.#promised.get(cid);
    this.#promised.delete(cid);
    return promised;
  }
}
