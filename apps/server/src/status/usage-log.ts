/** Keeps `usage.json` up to date while a server runs. */
import type { Log } from '@chat/server-core';
import { copyBytes } from '@chat/store-sqlite';
import type { DataDirectory } from '../data/data-directory.ts';
import type { StoreCounts } from './counted-store.ts';
import { type Amount, dayOf, readUsage, type UsageRecord, withDay, writeUsage } from './usage.ts';

/** After a crash, what was counted since the last writing is missing in the day's sum. */
const writeEveryMs = 10 * 60_000;

const nothing: Amount = { messages: 0, bytes: 0 };

/** Options of `UsageLog`. */
export interface UsageLogOptions {
  readonly directory: DataDirectory;
  readonly clock: () => number;
  readonly log: Log;
}

/** Sums what is stored on each day. */
export class UsageLog {
  readonly #options: UsageLogOptions;
  #days: UsageRecord['days'] = [];
  #day = '';
  #added: Amount = nothing;
  #counts: () => StoreCounts = () => ({ accounts: 0, rooms: 0, messages: 0, bytes: 0, waiting: 0, damaged: 0 });
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UsageLogOptions) {
    this.#options = options;
  }

  /** Goes on with the sums of the file, and writes it from now on. */
  async start(counts: () => StoreCounts): Promise<void> {
    const before = await readUsage(this.#options.directory);
    this.#days = before?.days ?? [];
    this.#counts = counts;
    this.#turn();
    const today = this.#days.find(({ day }) => day === this.#day)?.added ?? nothing;
    this.#added = { messages: this.#added.messages + today.messages, bytes: this.#added.bytes + today.bytes };
    await this.#write();
    this.#timer = setInterval(() => void this.#write(), writeEveryMs);
    this.#timer.unref();
  }

  /** Counts messages that were stored now. */
  add({ messages, bytes }: Amount): void {
    this.#turn();
    this.#added = { messages: this.#added.messages + messages, bytes: this.#added.bytes + bytes };
  }

  /** The sums of this day and of those before. */
  get days(): UsageRecord['days'] {
    this.#turn();
    const fileBytes = copyBytes(this.#options.directory.store);
    return withDay(this.#days, { day: this.#day, added: this.#added, fileBytes });
  }

  /** Writes the file for the last time. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  /** Begins a new sum when a new day has begun. */
  #turn(): void {
    const day = dayOf(this.#options.clock());
    if (day === this.#day) return;
    if (this.#day !== '') {
      const fileBytes = copyBytes(this.#options.directory.store);
      this.#days = withDay(this.#days, { day: this.#day, added: this.#added, fileBytes });
    }
    this.#day = day;
    this.#added = nothing;
  }

  async #write(): Promise<void> {
    const { directory, log } = this.#options;
    this.#days = this.days;
    const { rooms, messages, bytes } = this.#counts();
    // A full disk is reported where it matters.
    await writeUsage(directory, { version: 1, stored: { rooms, messages, bytes }, days: this.#days }).catch(
      (error: unknown) => log.debug({ error }, 'the usage could not be written'),
    );
  }
}
