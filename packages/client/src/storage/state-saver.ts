/** Saves the client's state in its vault: at once where something depends on it, otherwise soon after a change. */
import { type ClientError, explain } from '../errors.ts';
import type { ClientEvent } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import { storageFailure } from './storage-failure.ts';
import type { Stored, Vault } from './stored-state.ts';

const saveDelayMs = 250;
/** The delay before a state that could not be written is written again. */
const retryDelayMs = 5_000;

/** The parts of a state saver. */
export interface StateSaverOptions {
  readonly vault: Vault;
  readonly scheduler: Scheduler;
  /** Returns the state to store, as it is now. */
  snapshot(): Stored;
  emit(event: ClientEvent): void;
}

/** Saves the state of one client. */
export class StateSaver {
  readonly #options: StateSaverOptions;
  #cancel: (() => void) | null = null;
  #closed = false;
  /** True from a failed write to the next that succeeds. */
  #failing = false;

  constructor(options: StateSaverOptions) {
    this.#options = options;
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
      await this.#options.vault.save(this.#options.snapshot());
    } catch (cause) {
      const failure = storageFailure(cause);
      this.#failed(failure);
      throw failure;
    }
    if (!this.#failing) return;
    this.#failing = false;
    this.#options.emit({ kind: 'trouble-over', code: 'not-stored' });
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
   * Takes the last snapshot, calls `end`, stores the snapshot, and stores nothing after that. To be called once.
   *
   * @throws ClientError `not-stored`
   */
  async close(end: () => void): Promise<void> {
    const { vault, snapshot } = this.#options;
    const last = snapshot();
    this.#closed = true;
    this.#cancel?.();
    end();
    try {
      await vault.save(last);
    } catch (cause) {
      throw storageFailure(cause);
    } finally {
      await vault.close();
    }
  }
}
