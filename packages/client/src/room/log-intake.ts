/**
 * What the server sends of a room's log, on its way to be read. While a member catches up it is gathered, as many entries
 * read together need few signature checks; once they have caught up, each is handed on as it comes.
 */
import type { LoggedEntry, LoggedStub } from '@chat/protocol';
import type { Scheduler } from '../scheduler.ts';

export type LogItem = LoggedEntry | LoggedStub;

/** Entries that are gathered at most: with the longest possible, 32 MiB. */
const most = 512;
/**
 * How long an entry waits for others at most, in ms: a server that never says that this was all holds up nothing, and over a
 * slow line there is one signature check a second for each author.
 */
const longest = 1_000;

export class LogIntake {
  readonly #scheduler: Scheduler;
  readonly #read: (items: readonly LogItem[]) => void;
  #gathered: LogItem[] = [];
  #catchingUp = true;
  #cancel: () => void = () => undefined;

  /** @param read takes what is to be read next; it MUST NOT throw */
  constructor(scheduler: Scheduler, read: (items: readonly LogItem[]) => void) {
    this.#scheduler = scheduler;
    this.#read = read;
  }

  add(item: LogItem): void {
    if (this.#gathered.length === 0 && this.#catchingUp) {
      this.#cancel = this.#scheduler.after(longest, () => this.#flush());
    }
    this.#gathered.push(item);
    if (!this.#catchingUp || this.#gathered.length >= most) this.#flush();
  }

  /** All that was written before this connection has come; what follows is live. */
  caughtUp(): void {
    this.#catchingUp = false;
    this.#flush();
  }

  /** The connection is gone: what was not read comes again. */
  reset(): void {
    this.#cancel();
    this.#gathered = [];
    this.#catchingUp = true;
  }

  #flush(): void {
    this.#cancel();
    const items = this.#gathered;
    this.#gathered = [];
    if (items.length > 0) this.#read(items);
  }
}
