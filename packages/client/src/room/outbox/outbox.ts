/**
 * The outbox of one room: the messages that the user has sent and the client has not read on the log yet. One is under way at a time, because
 * each contains the hash of the one before. It leaves the outbox when the client has read it; the server's acknowledgement is not enough.
 */
import type { KeptMessage } from '@chat/message-store';
import { codeOf, entryHash, type MessageBody } from '@chat/protocol';
import { composeMessage, messageBytes, type RoomState } from '@chat/room';
import { authorOf, type ClientContext, newClientId } from '../../context.ts';
import { reactionTo } from '../../error-policy.ts';
import { ClientError, type Explanation, explain } from '../../errors.ts';
import { occasionOf } from '../../keys/epoch-proposal.ts';
import type { SendOptions } from '../../messages/saying.ts';
import type { StoredRoom, UnsentMessage } from '../../storage/stored-state.ts';
import { DeliveredMessages } from './delivered-messages.ts';
import { KeyHold } from './key-hold.ts';
import { isWantOfSpace, ServerSpace } from './server-space.ts';
import { bodyOf, sayAgain, type Undelivered, undeliveredOf, unsentOf } from './unsent.ts';
import { type Place, WaitingSenders } from './waiting-senders.ts';

const retryDelayMs = 1_000;
/** How long the server may take to show a message that it has acknowledged. */
const showTimeoutMs = 60_000;
/** Another entry came first, and the message needs the key that follows it. */
const outrunCodes: ReadonlySet<string> = new Set(['stale-epoch', 'rekey-pending']);
/** A full disk is not freed within seconds. */
const fullRetryDelayMs = 15_000;

/** The room of an outbox. */
export interface OutboxRoom {
  readonly state: RoomState;
  /** True if the client may send: connected, caught up, and no changed identity in the room. */
  readonly mayAct: boolean;
  readonly ownMembership: { readonly isRereading: boolean };
  /** Continues the work that may have become possible: a new key, this outbox. */
  review(): void;
  /** Reports a message that will not be sent. */
  undelivered(said: Undelivered, why: Explanation): void;
}

type StoredOutbox = Pick<StoredRoom, 'outbox' | 'delivered'>;

/** Sends the messages of one room. */
export class Outbox {
  readonly #context: ClientContext;
  readonly #room: OutboxRoom;
  #messages: readonly UnsentMessage[];
  readonly #delivered: DeliveredMessages;
  readonly #senders = new WaitingSenders();
  readonly #hold: KeyHold;
  #underWay = false;
  /** The position that the server acknowledged for the first message, until the log has reached it. */
  #acknowledged: number | null = null;
  /** The pause after a refusal. A new key ends it, if the message was refused for the key under which it was composed. */
  #retry: { readonly cancel: () => void; readonly refusedFor: string | null } | null = null;
  /** Ends the wait for an acknowledged message. */
  #cancelShow: () => void = () => undefined;
  /** The request id of the message that was reported as not shown. */
  #notShown = '';
  /** Whether the server has space. */
  readonly #space: ServerSpace;

  constructor(context: ClientContext, room: OutboxRoom, { outbox, delivered = [] }: StoredOutbox) {
    this.#context = context;
    this.#room = room;
    this.#space = new ServerSpace(context.emit);
    this.#messages = outbox;
    this.#delivered = new DeliveredMessages(delivered);
    this.#hold = new KeyHold(context.scheduler, room, () => this.flush());
  }

  /** What is stored. */
  get stored(): StoredOutbox {
    const delivered = this.#delivered.stored;
    return { outbox: this.#messages, ...(delivered.length === 0 ? {} : { delivered }) };
  }

  /** The messages that are not on the log yet. */
  get messages(): readonly UnsentMessage[] {
    return this.#messages;
  }

  /** Resolves when the message is on the log. @throws RoomError `message-too-long`, `nothing-to-say`, `not-a-member`, at once */
  send(said: string | MessageBody, { cid: given, onKept, signal }: SendOptions = {}): Promise<Place> {
    const done = given === undefined ? null : this.#delivered.placeOf(given);
    if (done !== null) return Promise.resolve(done);
    const waiting = given === undefined ? undefined : this.#messages.find(({ givenId }) => givenId === given);
    const cid = waiting?.cid ?? given ?? newClientId(this.#context.crypto);
    if (waiting === undefined) {
      this.#requireSize(said);
      this.#messages = [...this.#messages, { cid, ...unsentOf(said), hashes: [], ...(given && { givenId: given }) }];
    }
    // Shown as waiting from now on, so it must survive a crash. The saver reports a failure.
    this.#context.save().then(onKept, () => undefined);
    const placed = this.#senders.wait(cid, signal);
    this.#reviewRoom();
    return placed;
  }

  /** Returns whether a message was sent here with this id, and waits or is remembered. */
  knows(given: string): boolean {
    return this.#delivered.placeOf(given) !== null || this.#messages.some(({ givenId }) => givenId === given);
  }

  /**
   * Sends these messages of the log, and then every message that waits here, by another outbox. A pending `send` resolves when it is on that
   * log. One that changes a message of this room rejects with `conversation-moved`: what is said again has the edit or lacks what was deleted.
   */
  moveTo(other: Outbox, messages: readonly KeptMessage[]): void {
    // An entry that was composed for one room counts in no other, so its message is composed anew, under an id of its own.
    const compose = (body: MessageBody) => ({ cid: newClientId(this.#context.crypto), ...unsentOf(body), hashes: [] });
    const { said, waiting, spent } = sayAgain(messages, this.#messages);
    this.#messages = [];
    this.reset();
    const sent = said.map(compose);
    const again = waiting.map(([{ cid, givenId }, body]) => {
      const composed = { ...compose(body), ...(givenId && { givenId }) };
      this.#senders.move(cid, other.#senders, composed.cid);
      return composed;
    });
    const moved = new ClientError('conversation-moved', 'The conversation goes on in another direct room.');
    for (const { cid } of spent) this.#senders.failed(cid, moved);
    other.#messages = [...other.#messages, ...sent, ...again];
    // A sender that sends one of these texts again sends no second message.
    other.#delivered.addAll(this.#delivered);
    this.#context.saveSoon();
    other.flush();
  }

  /** To be called for each message of the user that was read on the log. @returns false when the message was not in the outbox */
  delivered(hash: string, seq: number): boolean {
    const message = this.#messages.find(({ hashes }) => hashes.includes(hash));
    if (message === undefined) return false;
    if (message === this.#messages[0]) this.#acknowledged = null;
    const { cid, givenId } = message;
    if (givenId !== undefined) this.#delivered.add(givenId, { seq });
    this.#drop(message);
    this.#senders.placed(cid, { seq });
    return true;
  }

  /** Sends the first message if possible. To be called whenever the room, the connection or the key may have changed. */
  flush(): void {
    this.#checkAcknowledged();
    const [first] = this.#messages;
    if (first === undefined || this.#underWay || this.#acknowledged !== null || this.#isPausing()) return;
    if (!this.#room.mayAct || this.#hold.isWaiting()) return;
    void this.#submit(first);
  }

  /** To be called when the connection is lost. The message under way is sent again, with the same id, on the next one. */
  reset(): void {
    this.#hold.end();
    this.#acknowledged = null;
    this.#cancelShow();
    this.#endPause();
  }

  /** To be called when the client closes. Rejects every `send`; the messages stay stored. */
  abandon(error: Error): void {
    this.reset();
    this.#senders.rejectAll(error);
  }

  /** To be called when the user's membership has ended. Drops and reports every message. */
  giveBack(error: Error): void {
    this.reset();
    for (const message of this.#messages) this.#fail(message, error);
  }

  /**
   * Refuses a text that can never be sent before it is queued. The client skips the check in two cases: while it rereads the
   * history, because the state is old; and while the room waits for a key and the user's latest message is unknown, because
   * its hash and counter count in the size.
   */
  #requireSize(said: string | MessageBody): void {
    const { state, ownMembership } = this.#room;
    const isChainKnown = state.authors.get(state.me) !== undefined;
    if (ownMembership.isRereading || (!isChainKnown && this.#hold.lacksKey)) return;
    messageBytes(state, said);
  }

  /** The room has moved on since the refusal: what is composed now is under another key. */
  #isPausing(): boolean {
    const refusedFor = this.#retry?.refusedFor ?? null;
    if (refusedFor !== null && refusedFor !== occasionOf(this.#room.state)) this.#endPause();
    return this.#retry !== null;
  }

  #endPause(): void {
    this.#retry?.cancel();
    this.#retry = null;
  }

  async #submit(first: UnsentMessage): Promise<void> {
    this.#underWay = true;
    const { state } = this.#room;
    try {
      const entry = composeMessage(authorOf(this.#context), state, bodyOf(first));
      const composed = { ...first, hashes: [...first.hashes, entryHash(entry)] };
      this.#messages = this.#messages.map((message) => (message === first ? composed : message));
      await this.#context.save();
      const { seq } = await this.#context.request('append', { room: state.room, cid: first.cid, entry });
      this.#space.note(null);
      if (this.#messages.includes(composed)) this.#awaitShown(composed, seq);
    } catch (error) {
      this.#failed(error, state);
    } finally {
      this.#underWay = false;
    }
    this.#reviewRoom();
  }

  /** Continues. After the clock was set or the machine slept, no timer has shown that the key is worn out. */
  #reviewRoom(): void {
    this.#room.review();
    this.flush();
  }

  /** Waits for the log to show the message. The server names its position, and may name one that no log reaches. */
  #awaitShown({ cid }: UnsentMessage, seq: number): void {
    const { scheduler, emit } = this.#context;
    this.#acknowledged = seq;
    this.#cancelShow();
    this.#cancelShow = scheduler.after(showTimeoutMs, () => {
      if (this.#acknowledged === null || this.#messages[0]?.cid !== cid || this.#notShown === cid) return;
      this.#notShown = cid;
      const reason =
        'The server has acknowledged a message of yours, and has not shown it on the log for a minute: it may be withholding it. The message waits here, and is sent again on the next connection. If this lasts, ask the other members outside this chat.';
      emit({ kind: 'trouble', code: 'not-shown', reason });
    });
  }

  /** Fails the first message if the log has reached the acknowledged position without it. */
  #checkAcknowledged(): void {
    const [first] = this.#messages;
    if (first === undefined || this.#acknowledged === null || this.#room.state.head.seq < this.#acknowledged) return;
    this.#acknowledged = null;
    const reason =
      'The server acknowledged this message, but its log does not show it: the server may be withholding it.';
    this.#fail(first, new ClientError('not-delivered', reason));
  }

  /** Drops the first message if the server refused it permanently; after any other error it is sent again. */
  #failed(error: unknown, composedFor: RoomState): void {
    const [first] = this.#messages;
    if (first !== undefined && error instanceof Error && reactionTo('send', error) === 'give-up') {
      this.#fail(first, error);
      return;
    }
    const isFull = isWantOfSpace(error);
    if (isFull) this.#space.note(error);
    const cancel = this.#context.scheduler.after(isFull ? fullRetryDelayMs : retryDelayMs, () => {
      this.#retry = null;
      this.#reviewRoom();
    });
    this.#retry = { cancel, refusedFor: outrunCodes.has(codeOf(error) ?? '') ? occasionOf(composedFor) : null };
  }

  #fail(message: UnsentMessage, error: Error): void {
    this.#drop(message);
    if (this.#senders.failed(message.cid, error)) return;
    this.#room.undelivered(undeliveredOf(message), explain(error));
  }

  #drop({ cid }: UnsentMessage): void {
    this.#messages = this.#messages.filter((message) => message.cid !== cid);
    this.#context.saveSoon();
  }
}
