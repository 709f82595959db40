/**
 * Gives entries back to a server whose log ends before what this client has read, because its store was restored from a backup.
 * The server's log MUST be the beginning of the client's. Otherwise it is another log, which the client does not continue.
 */
import { limits, type Push, type RoomId, type RoomName } from '@chat/protocol';
import type { RoomState } from '@chat/room';
import type { ClientContext } from '../context.ts';
import type { KeptEntry } from '../entry-archive.ts';
import { reactionTo } from '../error-policy.ts';
import { explain, isDisconnection } from '../errors.ts';
import type { Conditions } from './conditions.ts';
import { hashAt } from './kept-entries.ts';

/** Bytes of entries in one request, which has to fit a frame. A single entry always does. */
const maxBatchBytes = limits.frameBytes - 4 * 1024;
/** Bytes of an entry in a request beside its payload and signature, at most: position, time, type, author, names of fields. */
const entryFieldsBytes = 100;
const retryDelayMs = 1_000;
/** From this number of failures in a row on, the client reports them. The client goes on trying. */
const manyFailures = 60;
/**
 * The delay before the client gives back once more what waits for an author. Then twice as long each time, up to a minute: the author's
 * client makes the server know the key as soon as it logs in, which no other client notices.
 */
const firstWaitMs = 2_000;
const longestWaitMs = 60_000;

/** What reads the log, as `LogReader` does. */
interface Reader {
  readonly blocked: boolean;
  readonly stopped: boolean;
  whenRead(step: () => void): void;
  ignore(): void;
  listen(): void;
  /** Returns a function that returns whether the present connection, or subscription on it, still lasts. */
  connection(): () => boolean;
}

/** The room whose log is given back. */
export interface RecoveredRoom {
  readonly roomId: RoomId;
  readonly roomName: RoomName;
  readonly state: RoomState;
  readonly conditions: Pick<Conditions, 'check'>;
  readonly log: Reader;
  subscribe(): Promise<void>;
  disconnected(): void;
}

/**
 * How far the server's log reaches after an attempt. `recovered`: as far as the client's. `lacking`: less far, because neither this
 * client nor another one has given the rest back. `awaiting-author`: less far, because the server has lost the renewed key of an entry's
 * author, too, and gets it from that author's client. `other-log`: it is not the beginning of the client's log.
 */
export type Recovery = 'recovered' | 'lacking' | 'awaiting-author' | 'other-log';

interface Place {
  readonly seq: number;
  readonly hash: string;
}

interface Answer {
  readonly head: number;
  readonly hash: string;
}

const answerPlace = ({ head, hash }: Answer): Place => ({ seq: head, hash });

/**
 * Compares the server's log with the own one, by the server's answer to the subscription: its log hash at the own end or, if its log
 * is shorter, at its end. A shorter log is compared when the client gives the rest back.
 */
export function comparedLog(
  own: Place,
  { head, hash }: { readonly head: number; readonly hash: string | null },
): 'same' | 'shorter' | 'other' {
  if (head < own.seq) return 'shorter';
  return hash === null || hash === own.hash ? 'same' : 'other';
}

/** Returns the log hash that this client has for a position; null if it does not know it. */
const knownHashAt = (state: RoomState, kept: readonly KeptEntry[], seq: number): string | null =>
  hashAt(state, seq) ?? kept.find((entry) => entry.seq === seq)?.logHash ?? null;

/** Returns the entries after a position, as many as fit one request, and no more than `most`. */
function batchAfter(kept: readonly KeptEntry[], seq: number, most: number): readonly KeptEntry[] {
  const batch: KeptEntry[] = [];
  let bytes = 0;
  for (const entry of kept) {
    if (entry.seq <= seq) continue;
    if (entry.seq !== seq + batch.length + 1 || batch.length === most) break;
    bytes += entryFieldsBytes + entry.entry.payload.length + entry.entry.signature.length;
    if (batch.length > 0 && bytes > maxBatchBytes) break;
    batch.push(entry);
  }
  return batch;
}

/** Gives back what the server lacks of one room's log. */
export class LogRecovery {
  readonly #context: ClientContext;
  readonly #room: RecoveredRoom;
  #attempts = 0;
  /** The end of the server's log that was announced last. The server may repeat it as often as it likes. */
  #announced: number | null = null;
  /** What was reported last. The server repeats it to each new subscription. */
  #reported = '';
  /** Attempts in a row that wait for an author. */
  #waits = 0;

  constructor(context: ClientContext, room: RecoveredRoom) {
    this.#context = context;
    this.#room = room;
  }

  /**
   * Gives back the entries after the end of the server's log, up to what this client has read. Other members may do the same at
   * the same time. Never rejects: a failure is reported, and the rest is lacking.
   *
   * @param headSeq the end of the server's log, by its word
   */
  recover(headSeq: number): Promise<Recovery> {
    this.#announce(headSeq);
    return this.#attempt(headSeq);
  }

  /**
   * Gives the whole log back if the server does not know the room. To be called when it does not know the user as a member.
   * Never rejects.
   */
  recoverUnknown(): Promise<Recovery> {
    return this.#attempt(0);
  }

  async #attempt(headSeq: number): Promise<Recovery> {
    this.#attempts += 1;
    try {
      const recovery = await this.#giveAll(headSeq);
      if (recovery === 'awaiting-author') this.#tellAwaiting();
      else this.#waits = 0;
      return recovery;
    } catch (error) {
      if (!isDisconnection(error)) this.#context.emit({ kind: 'trouble', ...explain(error) });
      return 'lacking';
    } finally {
      this.#attempts -= 1;
      this.#room.conditions.check();
    }
  }

  /** True while the client gives entries back. */
  get underWay(): boolean {
    return this.#attempts > 0;
  }

  /** To be called when the server's log is not the one that was read. */
  differs(): void {
    const { roomId, roomName, conditions } = this.#room;
    this.#context.emit({ kind: 'other-log', roomId, roomName });
    conditions.check();
  }

  /** Asks the server for the log again, on the same connection. Until the old subscription has ended, its entries are out of place. */
  resume(): void {
    const { log } = this.#room;
    this.#room.disconnected();
    log.ignore();
    const connected = log.connection();
    this.#subscribeAgain().catch((error: unknown) => {
      if (isDisconnection(error) || !connected()) return;
      const reaction = reactionTo('read', error);
      if (reaction !== 'retry') this.#context.emit({ kind: 'trouble', ...explain(error) });
      if (reaction !== 'give-up') this.resumeLater();
    });
  }

  /** Asks for it after a while, if the connection lasts. To be called while an author is awaited, and when the server is busy. */
  resumeLater(): void {
    const delayMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.max(0, this.#waits - 1));
    const connected = this.#room.log.connection();
    this.#context.scheduler.after(delayMs, () => {
      if (connected()) this.resume();
    });
  }

  /** Reports, once while it lasts, that an author is awaited. */
  #tellAwaiting(): void {
    this.#waits += 1;
    if (this.#waits > 1) return;
    const { roomName } = this.#room;
    this.#context.emit({
      kind: 'trouble',
      code: 'unknown-user',
      reason: `The server has lost a part of ${roomName}, and the key of a user who wrote there. Your client gives that part back when this user has connected again: until then, ${roomName} shows what you have read, and your messages wait. If this user will not come back, leave ${roomName} and join it again: it goes on with what the server has.`,
    });
  }

  async #subscribeAgain(): Promise<void> {
    const { roomId, log } = this.#room;
    await this.#context.request('unsubscribe', { room: roomId });
    log.listen();
    await this.#room.subscribe();
  }

  /** To be called when members have given back entries that the server had lost. */
  restored({ first, last, since, by }: Extract<Push, { push: 'restored' }>): void {
    const { roomId, roomName, log } = this.#room;
    const report = JSON.stringify({ first, last, since, by });
    if (report !== this.#reported) {
      this.#context.emit({ kind: 'restored', roomId, roomName, first, last, since, by });
      this.#context.serverLoss.found();
    }
    this.#reported = report;
    log.whenRead(() => {
      if (log.blocked || log.stopped) this.resume();
    });
  }

  #announce(headSeq: number): void {
    const { roomId, roomName, state } = this.#room;
    if (this.#announced === headSeq) return;
    this.#announced = headSeq;
    this.#context.emit({ kind: 'server-behind', roomId, roomName, head: headSeq, lost: state.head.seq - headSeq });
    this.#context.serverLoss.found();
  }

  async #giveAll(headSeq: number): Promise<Recovery> {
    const { archive } = this.#context;
    const { roomId, state } = this.#room;
    const { head } = state;
    const before = await archive.read(roomId, Math.max(0, headSeq - 1));
    const known = before.length > 0 ? before : await archive.read(roomId, headSeq);
    const kept = known.filter(({ seq }) => seq <= head.seq);

    let place: Place = { seq: headSeq, hash: knownHashAt(state, kept, headSeq) ?? '' };
    while (place.hash !== '') {
      // The first entry shows whether its author is still awaited.
      const isProbe = this.#waits > 0 && place.seq === headSeq;
      const batch = batchAfter(kept, place.seq, isProbe ? 1 : limits.entriesPerRestore);
      if (headSeq === 0 && batch.length === 0) return 'lacking';
      const isLast = (batch.at(-1)?.seq ?? 0) === head.seq;
      const answer = await this.#give(place, batch, isLast);
      if (typeof answer === 'string') return answer;
      if (answer.head >= head.seq) return this.#compare(answer, head, isLast);
      if (answer.hash !== knownHashAt(state, kept, answer.head)) return 'other-log';
      // Without progress this client has nothing to add, or the server does not take it.
      if (answer.head <= place.seq) {
        if (!isLast) await this.#give(answerPlace(answer), [], true);
        return 'lacking';
      }
      place = answerPlace(answer);
    }
    return 'lacking';
  }

  /** Asks the server to compare its log with the client's at the client's position, and ends the giving back. */
  async #compare(answer: Answer, head: Place, isDone: boolean): Promise<Recovery> {
    if (answer.head === head.seq && (isDone || answer.hash !== head.hash)) {
      return answer.hash === head.hash ? 'recovered' : 'other-log';
    }
    const compared = await this.#give(head, [], true);
    return typeof compared === 'string' ? compared : 'recovered';
  }

  async #give(after: Place, batch: readonly KeptEntry[], done: boolean) {
    const { request, scheduler, emit } = this.#context;
    const entries = batch.map(({ at, entry }) => ({ at, entry }));
    for (let failures = 1; ; failures += 1) {
      try {
        return await request('restore-entries', { room: this.#room.roomId, after, entries, done });
      } catch (error) {
        const reaction = reactionTo('give-back', error);
        if (reaction === 'give-up') return 'other-log';
        if (reaction === 'ask-others') return 'lacking';
        if (reaction === 'retry-later') return 'awaiting-author';
        if (reaction === 'report') {
          emit({ kind: 'trouble', ...explain(error) });
          return 'lacking';
        }
        if (reaction !== 'retry') throw error;
        if (failures === manyFailures) emit({ kind: 'trouble', ...explain(error) });
        await new Promise<void>((resolve) => scheduler.after(retryDelayMs, resolve));
      }
    }
  }
}
