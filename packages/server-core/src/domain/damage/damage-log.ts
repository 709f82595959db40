/** Logs and counts the damaged rows that were found while they were read. */
import type { Log } from '../../ports/log.ts';

/** Rows that are remembered, so that each is logged once. Beyond them a row may be logged again. */
const maxRememberedRows = 10_000;

/** The damaged rows that a server has met since its start. */
export class DamageLog {
  readonly #log: Log;
  #rows = new Set<string>();
  #count = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Number of damaged rows that were found since the start. */
  get count(): number {
    return this.#count;
  }

  /**
   * Logs a damaged row, once.
   *
   * @param row identifies the row and names what is damaged; it MUST NOT hold a message, key or token
   */
  report(row: Readonly<Record<string, string | number>>): void {
    const id = JSON.stringify(row);
    if (this.#rows.has(id)) return;
    if (this.#rows.size >= maxRememberedRows) this.#rows = new Set();
    this.#rows.add(id);
    this.#count += 1;
    this.#log.error(
      row,
      'the store has a damaged row: run "chat-server check", and restore a backup if members do not give the entry back',
    );
  }
}
