/** The calls of a program to a shared client whose answers have not come, and what is certain about them without an answer. */
import { ClientError } from '../../errors.ts';
import type { Scheduler } from '../../scheduler.ts';
import { isSaying, type LocalMethodName, localMethods } from './local-methods.ts';

/** A call whose answer has not come. */
export interface PendingCall {
  readonly method: LocalMethodName;
  readonly args: readonly unknown[];
  /** True once another program was asked, so that the answer may be lost. */
  wasPassedOn: boolean;
  /** True for a message that waits in the outbox on the disk: it is sent, whatever becomes of this program. */
  isKept: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Returns the error of a call that was not carried out because the client was closed. */
export const closedError = (): ClientError => new ClientError('closed', 'The client was closed.');

/** Without the answer, it is not known whether the room has changed. */
const outcomeUnknown = (): ClientError =>
  new ClientError(
    'outcome-unknown',
    'The program that had this profile open has ended before it answered: look whether this was done, and repeat it if not.',
  );

/** Only this program knows the message for certain, and it ends. */
const notKept = (wasPassedOn: boolean): ClientError =>
  new ClientError(
    'not-kept',
    wasPassedOn
      ? 'The program that has this profile open has not confirmed the message: it may be stopped. Look whether the message arrives before you send it again.'
      : 'The message was not sent: no program had this profile open.',
  );

const isUncertain = ({ method, isKept }: PendingCall): boolean => isSaying(method) && !isKept;

/** The calls of one program, in their order. */
export class PendingCalls implements Iterable<PendingCall> {
  readonly #calls = new Set<PendingCall>();
  /** Called when a message is kept, or a call settled. */
  #changed: () => void = () => undefined;

  [Symbol.iterator](): Iterator<PendingCall> {
    return this.#calls.values();
  }

  /** Adds a call, and calls `begin` with it. Settles as `settle` and `fail` say. */
  add(method: LocalMethodName, args: readonly unknown[], begin: (call: PendingCall) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call: PendingCall = { method, args, wasPassedOn: false, isKept: false, resolve, reject };
      this.#calls.add(call);
      begin(call);
    });
  }

  /** Returns whether a call of this method waits with this first argument. */
  has(method: LocalMethodName, first: unknown): boolean {
    return [...this.#calls].some((call) => call.method === method && call.args[0] === first);
  }

  /** Notes that the message of a call waits in the outbox on the disk. */
  keep(call: PendingCall): void {
    call.isKept = true;
    this.#changed();
  }

  /** Ends a call with its value, unless it has ended. */
  settle(call: PendingCall, value: unknown): void {
    if (this.#calls.delete(call)) call.resolve(value);
    this.#changed();
  }

  /** Ends a call with an error, unless it has ended. */
  fail(call: PendingCall, error: Error): void {
    if (this.#calls.delete(call)) call.reject(error);
    this.#changed();
  }

  /** Ends the calls that another program cannot carry out again, because it was another one that was asked. */
  lost(): void {
    for (const call of this.#calls) if (!localMethods[call.method].repeats) this.fail(call, outcomeUnknown());
  }

  /** Ends all calls, because the profile cannot be opened. A message that is kept is sent once it can. */
  failAll(error: Error): void {
    for (const call of this.#calls) this.fail(call, call.isKept ? closedError() : error);
  }

  /** Ends all calls, because this program ends. */
  close(): void {
    for (const call of this.#calls) {
      this.fail(call, isUncertain(call) ? notKept(call.wasPassedOn) : closedError());
    }
  }

  /** Resolves when all messages are kept or delivered, or after `timeoutMs`. */
  kept(scheduler: Scheduler, timeoutMs: number): Promise<void> {
    const areKept = () => ![...this.#calls].some(isUncertain);
    if (areKept()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        resolve();
      };
      const cancel = scheduler.after(timeoutMs, end);
      this.#changed = () => {
        if (areKept()) end();
      };
    });
  }
}
