/** The calls that wait until their message is on the log. */
import { ClientError } from '../../errors.ts';

/** Where a message is on the log. */
export interface Place {
  /** Position on the log. */
  readonly seq: number;
}

interface Sender {
  /** False once the sender has ended. */
  isThere: boolean;
  resolve(place: Place): void;
  reject(error: Error): void;
}

/** The senders of the messages of one outbox, by the ids of the messages. A message of an earlier start has none. */
export class WaitingSenders {
  readonly #senders = new Map<string, readonly Sender[]>();

  /**
   * Resolves when the message is on the log, and rejects when it will not be sent. A message can have several senders.
   *
   * @param signal ends the wait, and not the message
   * @throws ClientError `closed` once the signal is aborted
   */
  wait(cid: string, signal?: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        sender.isThere = false;
        reject(new ClientError('closed', 'The sender has ended before the message was on the log.'));
      };
      const once = <T>(settle: (outcome: T) => void) => {
        return (outcome: T): void => {
          signal?.removeEventListener('abort', leave);
          settle(outcome);
        };
      };
      const sender: Sender = { isThere: true, resolve: once(resolve), reject: once(reject) };
      this.#senders.set(cid, [...(this.#senders.get(cid) ?? []), sender]);
      signal?.addEventListener('abort', leave);
      if (signal?.aborted === true) leave();
    });
  }

  /** Ends the wait for a message that is on the log. */
  placed(cid: string, place: Place): void {
    for (const sender of this.#take(cid)) sender.resolve(place);
  }

  /**
   * Ends the wait for a message that will not be sent.
   *
   * @returns false if no sender learns it
   */
  failed(cid: string, error: Error): boolean {
    const senders = this.#take(cid);
    for (const sender of senders) sender.reject(error);
    return senders.some(({ isThere }) => isThere);
  }

  /** Lets the senders of a message wait in another outbox, where the message has another id. */
  move(cid: string, other: WaitingSenders, otherCid: string): void {
    other.#senders.set(otherCid, this.#take(cid));
  }

  /** Ends all waits. */
  rejectAll(error: Error): void {
    for (const cid of [...this.#senders.keys()]) this.failed(cid, error);
  }

  #take(cid: string): readonly Sender[] {
    const senders = this.#senders.get(cid) ?? [];
    this.#senders.delete(cid);
    return senders;
  }
}
