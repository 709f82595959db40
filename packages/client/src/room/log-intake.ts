/**
 * Collects the entries that the server sends of one log. While the member catches up, entries are collected, because entries read
 * together need fewer signature checks. After that each entry is passed on at once.
 */
import type { LogItem } from '@chat/room';
import { bytesOf } from '../intake-bounds.ts';
import type { Scheduler } from '../scheduler.ts';

/**
 * Memory of the items that are read together: some 2,000 short entries. The more of them, the fewer signature checks for each, and
 * the longer until the first of them is shown.
 */
const maxBatchBytes = 4 * 1024 * 1024;
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
  #bytes = 0;
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
    this.#bytes += bytesOf(item);
    if (!this.#catchingUp || this.#bytes >= maxBatchBytes) this.flush();
  }

  /** To be called at the end of the backlog. The entries after it are live. */
  caughtUp(): void {
    this.#catchingUp = false;
    this.flush();
  }

  /** Drops what was collected, and returns it. To be called when the connection is lost, because the server sends it again. */
  reset(): readonly LogItem[] {
    this.#cancelTimer();
    this.#catchingUp = true;
    return this.#takeCollected();
  }

  /** Passes on what was collected. */
  flush(): void {
    this.#cancelTimer();
    const items = this.#takeCollected();
    if (items.length > 0) this.#read(items);
  }

  #takeCollected(): readonly LogItem[] {
    const items = this.#collected;
    this.#collected = [];
    this.#bytes = 0;
    return items;
  }
}
