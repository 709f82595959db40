/** Saves the client's state in its vault: at once where something depends on it, otherwise soon after a change. */
import { explain } from '../errors.ts';
import type { ClientEvent } from '../events.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Stored, Vault } from './stored-state.ts';

const saveDelayMs = 250;

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

  constructor(options: StateSaverOptions) {
    this.#options = options;
  }

  /** Stores everything now; resolves when it would survive a crash. */
  async save(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    // `close` has stored the last state, and another client may have opened the profile since.
    if (!this.#closed) await this.#options.vault.save(this.#options.snapshot());
  }

  /** Stores everything soon. A failure is emitted as `trouble`. */
  saveSoon(): void {
    if (this.#closed) return;
    this.#cancel ??= this.#options.scheduler.after(saveDelayMs, () => {
      this.save().catch((error: unknown) => this.#options.emit({ kind: 'trouble', ...explain(error) }));
    });
  }

  /** Takes the last snapshot, calls `end`, stores the snapshot, and stores nothing after that. To be called once. */
  async close(end: () => void): Promise<void> {
    const { vault, snapshot } = this.#options;
    const last = snapshot();
    this.#closed = true;
    this.#cancel?.();
    end();
    try {
      await vault.save(last);
    } finally {
      await vault.close();
    }
  }
}
