/** Logs that the store fails, once, and once that it works again, however many entries fail meanwhile. */
import { codeOf } from '@chat/protocol';
import type { Log } from '../ports/log.ts';

/** Whether the store works, as far as appends show. */
export class StoreTrouble {
  readonly #log: Log;
  #failures = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** To be called when an append failed for a reason of the store. */
  failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures > 1) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.warn({ code: codeOf(error), reason }, 'the store failed: no entry is accepted until it works again');
  }

  /** To be called when an append succeeded. */
  worked(): void {
    if (this.#failures === 0) return;
    this.#log.info({ failures: this.#failures }, 'the store works again');
    this.#failures = 0;
  }
}
