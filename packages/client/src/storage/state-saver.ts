/** Saves the client's state in its vault: at once where something depends on it, otherwise soon after a change. */
import { type ClientError, explain } from '../errors.ts';
import type { ClientEvent } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import { MessageFiles, type SavedMessages } from './message-files.ts';
import { storageFailure } from './storage-failure.ts';
import type { Stored, Vault } from './stored-state.ts';

const saveDelayMs = 250;
/** The delay before a state that could not be written is written again. */
const retryDelayMs = 5_000;
/** How often files are written anew before an erasure counts as failed. */
const maxErasures = 3;

/** The parts of a state saver. */
export interface StateSaverOptions {
  readonly vault: Vault;
  /** The messages of which the state has the names of the files. */
  readonly messages: SavedMessages;
  readonly scheduler: Scheduler;
  /** Returns the state to store, as it is now. */
  snapshot(): Stored;
  emit(event: ClientEvent): void;
}

/** Saves the state of one client. */
export class StateSaver {
  readonly #options: StateSaverOptions;
  readonly #files: MessageFiles;
  #cancel: (() => void) | null = null;
  #closed = false;
  /** True from a failed write to the next that succeeds. */
  #failing = false;

  constructor(options: StateSaverOptions) {
    const { messages, scheduler, emit } = options;
    this.#options = options;
    this.#files = new MessageFiles({ messages, scheduler, emit, saveSoon: () => this.saveSoon() });
  }

  /**
   * Stores everything now; resolves when it would survive a crash. Emits `trouble` when writing begins to fail, tries again, and
   * emits `trouble-over` when it succeeds.
   *
   * @throws ClientError `not-stored`
   */
  async save(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    // `close` has stored the last state, and another client may have opened the profile since.
    if (this.#closed) return;
    try {
      await this.#store();
    } catch (cause) {
      const failure = storageFailure(cause);
      this.#failed(failure);
      throw failure;
    }
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.emit({ kind: 'trouble-over', code: 'not-stored' });
  }

  async #store(): Promise<void> {
    const { messages, vault, snapshot } = this.#options;
    // The state names the files of the messages, so they are on the disk before it.
    await this.#files.beforeSave();
    if (this.#closed) return;
    const { changes } = messages;
    await vault.save(snapshot());
    await this.#files.afterSave(changes);
    if (!this.#closed) void this.#files.tend();
  }

  /**
   * Stores everything, and resolves when what was erased of the messages is in no file any more.
   *
   * @throws ClientError `not-stored`; `not-erased` if the disk keeps it. It is tried again
   */
  async erased(): Promise<void> {
    await this.save();
    // Another room may be erased meanwhile.
    for (let attempt = 1; attempt <= maxErasures && this.#files.isErasureDue; attempt += 1) {
      await this.#files.tend(true);
      await this.save();
    }
    this.#files.requireErased();
  }

  /** Stores everything soon. */
  saveSoon(): void {
    this.#saveAfter(saveDelayMs);
  }

  #saveAfter(delayMs: number): void {
    if (this.#closed) return;
    this.#cancel ??= this.#options.scheduler.after(delayMs, () => {
      // `save` has emitted the failure.
      this.save().catch(() => undefined);
    });
  }

  /** Emits the first of several failures, and tries again. */
  #failed(failure: ClientError): void {
    if (!this.#failing) this.#options.emit({ kind: 'trouble', ...explain(failure) });
    this.#failing = true;
    this.#saveAfter(retryDelayMs);
  }

  /**
   * Takes the last snapshot, calls `end`, lets an erasure end that is due, stores the snapshot, and stores nothing after that. To be
   * called once.
   *
   * @throws ClientError `not-stored`
   */
  async close(end: () => void): Promise<void> {
    const { messages, vault, snapshot } = this.#options;
    const last = snapshot();
    this.#closed = true;
    this.#cancel?.();
    end();
    try {
      await this.#files.finish();
      // What was erased, merged or written since is in other files.
      const { changes } = messages;
      await vault.save({ ...last, messages: messages.stored });
      await this.#files.afterSave(changes);
    } catch (cause) {
      throw storageFailure(cause);
    } finally {
      await messages.close();
      await vault.close();
    }
  }
}
