/**
 * Collects the entries that the server sends of one log. While the member catches up, entries are collected, because entries read
 * together need fewer signature checks. After that each entry is passed on at once.
 */
import type { LogItem } from '@chat/room';
import type { Scheduler } from '../scheduler.ts';

/** With the longest possible entries this is 32 MiB. */
const maxBatchEntries = 512;
/**
 * The longest time for which an entry waits for others, so that reading continues if the server never sends `caught-up`. Over a
 * slow line the client still makes only one signature check a second for each author.
 */
const maxBatchDelayMs = 1_000;

/** Collects the entries of one log into batches. */
export class LogIntake {
  readonly #scheduler: Scheduler;
  readonly #read: (items: readonly LogItem[]) => void;
  #collected: LogItem[] = [];
  #catchingUp = true;
  #cancelTimer: () => void = () => undefined;

  /** @param read takes the next batch; it MUST NOT throw */
  constructor(scheduler: Scheduler, read: (items: readonly LogItem[]) => void) {
    this.#scheduler = scheduler;
    this.#read = read;
  }

  /** Adds an item to the next batch. A live item is read at once. */
  add(item: LogItem): void {
    if (this.#collected.length === 0 && this.#catchingUp) {
      this.#cancelTimer = this.#scheduler.after(maxBatchDelayMs, () => this.flush());
    }
    this.#collected.push(item);
    if (!this.#catchingUp || this.#collected.length >= maxBatchEntries) this.flush();
  }

  /** To be called at the end of the backlog. The entries after it are live. */
  caughtUp(): void {
    this.#catchingUp = false;
    this.flush();
  }

  /** Drops what was collected, and returns it. To be called when the connection is lost, because the server sends it again. */
  reset(): readonly LogItem[] {
    this.#cancelTimer();
    const dropped = this.#collected;
    this.#collected = [];
    this.#catchingUp = true;
    return dropped;
  }

  /** Passes on what was collected. */
  flush(): void {
    this.#cancelTimer();
    const items = this.#collected;
    this.#collected = [];
    if (items.length > 0) this.#read(items);
  }
}
