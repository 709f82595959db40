/**
 * Asks other members for a key that this member lacks: one after another, those who are online and have it, in the order in which
 * they would make the next epoch. Each answer is a wrap over a link, and checked against the
 * epoch's commitment.
 */
import { type Fingerprint, ProtocolError, type RoomId, type RoomName, type UserName } from '@chat/protocol';
import { type Applied, hubOrder, type Member, mayHaveKey } from '@chat/room';
import type { ClientContext } from '../context.ts';
import { reactionTo } from '../error-policy.ts';
import { ClientError, explain, isDisconnection } from '../errors.ts';
import { type ReceivedWrap, takeAnswer } from './wrap-intake.ts';

/** How long the client waits for the answer of one member. */
const keyAnswerTimeoutMs = 5_000;
/** The same for the epoch's author, who comes last, when others lack the key too: an honest author has the key and answers. */
const authorTimeoutMs = 1_000;
/** The client asks at most this many members beside the epoch's author. If none answers, it makes a new epoch. */
const maxAskedMembers = 3;

interface AwaitedAnswer {
  readonly epochNumber: number;
  readonly user: UserName;
  readonly fingerprint: Fingerprint;
  readonly timeoutMs: number;
}

/** What became of one request: a wrap of the key. `denied`: the member lacks the key too. */
type Answer = ReceivedWrap | 'denied' | 'none';

/** The room for whose key the client asks. */
export interface AskingRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  /** The connected members, by the server's word, in order of arrival. */
  readonly online: readonly UserName[];
}

/** Asks the members of one room for keys. */
export class KeyRequest {
  readonly #context: ClientContext;
  readonly #room: AskingRoom;
  /** The latest epoch for which no member answered on this connection. The client asks once only. */
  #unanswered = 0;
  #lostEpoch = 0;
  #awaited: (Omit<AwaitedAnswer, 'timeoutMs'> & { end(answer: Answer): void }) | null = null;

  constructor(context: ClientContext, room: AskingRoom) {
    this.#context = context;
    this.#room = room;
  }

  /** The latest epoch whose key all asked members but its author lack too, by their answers; 0 for none. */
  get lostEpoch(): number {
    return this.#lostEpoch;
  }

  /**
   * Asks for the key of the latest epoch; for an earlier epoch it asks no member.
   *
   * @param lacking the room without the key. If `lacking.events` reports `wrong-key`, the client does not ask the epoch's author
   * @param connected returns whether the connection on which this began still lasts
   * @returns the room with the key if a member gave it, otherwise without
   */
  async ask(lacking: Applied, epochNumber: number, connected: () => boolean): Promise<Applied> {
    const { scheduler, emit } = this.#context;
    const { roomId, roomName } = this.#room;
    const since = scheduler.now();
    const asked: UserName[] = [];
    const answers: Answer[] = [];
    let applied = lacking;
    for (const { user, fingerprint } of this.#holders(lacking, epochNumber)) {
      const isAuthor = fingerprint === lacking.state.epoch?.author;
      const timeoutMs = isAuthor && answers.includes('denied') ? authorTimeoutMs : keyAnswerTimeoutMs;
      const answer = this.#answer({ epochNumber, user, fingerprint, timeoutMs });
      try {
        await this.#context.request('ask-key', { room: roomId, number: epochNumber, user });
      } catch (error) {
        if (this.#mayAskNext(error)) continue;
        break;
      }
      asked.push(user);
      emit({ kind: 'key-wanted', roomId, roomName, epoch: epochNumber, since, asked: [...asked] });
      const answered = await answer;
      if (!isAuthor) answers.push(answered);
      if (typeof answered !== 'string') applied = await this.#take(applied, answered, user);
      if (applied.state.secrets[epochNumber] !== undefined || !connected()) return applied;
    }
    if (asked.length > 0) this.#unanswered = epochNumber;
    if (answers.includes('denied') && !answers.includes('none')) this.#noteLost(applied, epochNumber);
    return applied;
  }

  /** To be called when a member has answered. Returns true if the client was waiting for it. */
  given(answer: ReceivedWrap): boolean {
    if (this.#awaited?.epochNumber !== answer.epochNumber || this.#awaited.fingerprint !== answer.from) return false;
    this.#awaited.end(answer);
    return true;
  }

  /** To be called when the server says that a member lacks the key too. */
  lacked(epochNumber: number, user: UserName): void {
    if (this.#awaited?.epochNumber === epochNumber && this.#awaited.user === user) this.#awaited.end('denied');
  }

  /** To be called when the connection is lost. A pending request ends without an answer. */
  disconnected(): void {
    this.#unanswered = 0;
    this.#lostEpoch = 0;
    this.#awaited?.end('none');
  }

  /** Reports an epoch whose author has given its key to none of those who were asked: unless the server hides the wraps. */
  #noteLost({ state, events }: Applied, epochNumber: number): void {
    this.#lostEpoch = epochNumber;
    const author = state.epoch === null ? undefined : state.members.get(state.epoch.author)?.user;
    if (author === undefined || events.some((event) => event.kind === 'violation' && event.user === author)) return;
    const { roomName } = this.#room;
    this.#context.emit({
      kind: 'trouble',
      code: 'key-withheld',
      reason: `${author} has made a key for ${roomName} that neither this client nor the members whom it asked have received: ${author} has given it to none of them, or the server has lost or withholds it. The members make another key. If this happens again, ask ${author} and the operator of the server why.`,
    });
  }

  #holders({ state, events }: Applied, epochNumber: number): readonly Member[] {
    if (state.epoch?.number !== epochNumber || this.#unanswered === epochNumber || !mayHaveKey(state, state.me))
      return [];
    const { author } = state.epoch;
    const holders = hubOrder(state, this.#room.online).filter(
      ({ fingerprint }) => fingerprint !== state.me && mayHaveKey(state, fingerprint),
    );
    const others = holders.filter(({ fingerprint }) => fingerprint !== author).slice(0, maxAskedMembers);
    // The author of a wrong wrap is not asked. Any other one is, however many lack the key: it is the one who has it for sure.
    return events.length > 0 ? others : [...others, ...holders.filter(({ fingerprint }) => fingerprint === author)];
  }

  /** Resolves with the member's answer; `none` if it does not come in time. */
  #answer({ timeoutMs, ...asked }: AwaitedAnswer): Promise<Answer> {
    return new Promise((resolve) => {
      const cancelTimeout = this.#context.scheduler.after(timeoutMs, () => this.#awaited?.end('none'));
      const end = (answer: Answer) => {
        cancelTimeout();
        this.#awaited = null;
        resolve(answer);
      };
      this.#awaited = { ...asked, end };
    });
  }

  #mayAskNext(error: unknown): boolean {
    this.#awaited?.end('none');
    const reaction = reactionTo('request-key', error);
    if (reaction === 'report' && !isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
    return reaction === 'ask-others';
  }

  async #take(lacking: Applied, answer: ReceivedWrap, from: UserName): Promise<Applied> {
    const { state, events } = lacking;
    try {
      const taken = await takeAnswer(this.#context, state, answer);
      // A link that this client cannot use is no fault of the member, who opens another one for the next answer.
      if (taken === 'unusable') return lacking;
      if (taken !== 'wrong') return { state: taken, events };
      const wrong = { kind: 'violation', code: 'wrong-key', seq: state.head.seq, user: from } as const;
      return { state, events: [...events, wrong] };
    } catch (error) {
      // The connection is lost, or the server refuses: the next member is asked, if there is one.
      if (error instanceof ProtocolError || error instanceof ClientError) return lacking;
      throw error;
    }
  }
}
