/**
 * Keeps the files of the messages in step with the state that names them. What the disk does not take of them keeps no state from being
 * stored: it is reported, and tried again.
 */
import type { MessageStore } from '@chat/message-store';
import { ClientError } from '../errors.ts';
import type { ClientEvent, DiskCode } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import { causeOf } from './storage-failure.ts';

/** The pause before what has failed is tried again. */
const retryDelayMs = 60_000;
/** Messages with so many characters are stored with the state at most, which each save writes as a whole. */
const maxHeldLength = 8 * 1024 * 1024;
/** How long a client that closes erases what was to be erased. */
const patienceMs = 10_000;

/** The messages, as they are kept in step. `MessageStore` has them. */
export type SavedMessages = Pick<
  MessageStore,
  | 'stored'
  | 'isFlushDue'
  | 'flush'
  | 'changes'
  | 'wasStored'
  | 'tend'
  | 'isErasureDue'
  | 'hasErasureFailed'
  | 'finish'
  | 'close'
>;

/** The parts of these files. */
export interface MessageFilesOptions {
  readonly messages: SavedMessages;
  readonly scheduler: Scheduler;
  /** Asks for a save, in which everything is tried again. */
  saveSoon(): void;
  emit(event: ClientEvent): void;
}

const notWritten = (cause: unknown) =>
  `The folder messages in your profile cannot be written, because ${causeOf(cause)} Your messages are kept in state.sealed meanwhile, which takes longer to store the more they are.`;

const notErased = (cause: unknown) =>
  `Messages that were to be erased may still be in files of the folder messages in your profile, because ${causeOf(cause)} Chat tries again while it runs, and after each start.`;

type Trouble = Exclude<DiskCode, 'not-stored'>;

/** The files of one client's messages. */
export class MessageFiles {
  readonly #options: MessageFilesOptions;
  /** What has failed last, by the code under which it was reported. */
  readonly #failed = new Map<Trouble, unknown>();
  /** Ends the pause after a failure; null when there is none. */
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  constructor(options: MessageFilesOptions) {
    this.#options = options;
  }

  /**
   * To be called before a state is stored. Writes messages into a file if so many are in none. If the disk takes none, the state has them.
   *
   * @throws Error of the system, when they are too many for that
   */
  async beforeSave(): Promise<void> {
    const { messages } = this.#options;
    if (!messages.isFlushDue) return;
    if (this.#cancelRetry === null || !this.#failed.has('messages-not-written')) {
      try {
        await messages.flush();
        this.#over('messages-not-written');
        return;
      } catch (cause) {
        this.#fail('messages-not-written', cause, notWritten(cause));
      }
    }
    const length = messages.stored.tail.reduce((sum, { text }) => sum + text.length, 0);
    if (length > maxHeldLength) throw this.#failed.get('messages-not-written');
  }

  /** To be called when a state has been stored that has `changes` changes of the files. Removes the files that it does not name. */
  async afterSave(changes: number): Promise<void> {
    const { messages } = this.#options;
    try {
      await messages.wasStored(changes);
      if (!messages.isErasureDue) this.#over('messages-not-erased');
    } catch (cause) {
      this.#fail('messages-not-erased', cause, notErased(cause));
    }
  }

  /**
   * Writes the files anew that have what was erased, and merges small ones. The state is to be stored afterwards.
   *
   * @param again true if a caller waits for it: an erasure that has just failed is tried again
   */
  async tend(again = false): Promise<void> {
    const { messages } = this.#options;
    await messages.tend(again);
    if (messages.hasErasureFailed && !this.#closed) this.#fail('messages-not-erased', null, notErased(null));
  }

  /** True while what was erased may still be in a file, unless the client is closing: then the last save erases it. */
  get isErasureDue(): boolean {
    return !this.#closed && (this.#options.messages.isErasureDue || this.#failed.has('messages-not-erased'));
  }

  /** @throws ClientError `not-erased`, if what was erased may still be in a file */
  requireErased(): void {
    if (!this.isErasureDue) return;
    const cause = this.#failed.get('messages-not-erased');
    throw new ClientError('not-erased', notErased(cause), { cause });
  }

  /** To be called before the last state is stored. Erases what is due, for some seconds at most. */
  async finish(): Promise<void> {
    this.#closed = true;
    this.#cancelRetry?.();
    let cancel: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.scheduler.after(patienceMs, resolve);
    });
    await this.#options.messages.finish(patience);
    cancel();
  }

  #fail(code: Trouble, cause: unknown, reason: string): void {
    const { scheduler, saveSoon, emit } = this.#options;
    if (!this.#failed.has(code)) emit({ kind: 'trouble', code, reason });
    this.#failed.set(code, cause);
    if (this.#closed) return;
    this.#cancelRetry ??= scheduler.after(retryDelayMs, () => {
      this.#cancelRetry = null;
      saveSoon();
    });
  }

  #over(code: Trouble): void {
    if (this.#failed.delete(code)) this.#options.emit({ kind: 'trouble-over', code });
  }
}
