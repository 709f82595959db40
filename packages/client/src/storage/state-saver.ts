/** Keeps what a client knows in its vault: at once where something depends on it, else soon after it has changed. */
import { explain } from '../context.ts';
import type { ClientEvent } from '../event.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Stored, Vault } from './stored-state.ts';

/** How long changes may wait before they are stored, in ms. */
const saveWithin = 250;

export interface StateSaverOptions {
  readonly vault: Vault;
  readonly scheduler: Scheduler;
  /** All that is to be kept, as it is now. */
  snapshot(): Stored;
  emit(event: ClientEvent): void;
}

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
    // The last state was stored by `close`; the profile may be another client's by now.
    if (!this.#closed) await this.#options.vault.save(this.#options.snapshot());
  }

  saveSoon(): void {
    if (this.#closed) return;
    this.#cancel ??= this.#options.scheduler.after(saveWithin, () => {
      this.save().catch((error: unknown) => this.#options.emit({ kind: 'trouble', ...explain(error) }));
    });
  }

  /** Stores everything once more, then `end` is called, and nothing is stored after that. To be called once. */
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
