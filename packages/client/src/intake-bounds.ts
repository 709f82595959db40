/** Bounds of what a client keeps for a server that sends faster than the client reads, or without end. */
import type { LogItem } from '@chat/room';
import { ClientError } from './errors.ts';

/**
 * Bytes of entries that may wait to be read, in all rooms together: as much as sixteen full batches. What was read is stored, so a client that meets this bound reads on where it stopped when it connects again.
 */
const maxWaitingBytes = 64 * 1024 * 1024;
/** Steps that may wait in one room. Each needs about as much memory as a short entry. */
const maxWaitingSteps = 20_000;
/** An item's memory besides its payload. */
const itemBytes = 1024;

/** Returns the memory that an item needs until it is read. */
export function bytesOf(item: LogItem): number {
  if ('entry' in item) return itemBytes + item.entry.payload.length;
  return itemBytes + ('hashes' in item ? item.hashes.length : 0);
}

const tooMuch = (what: string): ClientError =>
  new ClientError(
    'too-much-sent',
    `The server sends faster than this client can read (${what} wait): the client connects again and reads on. If it happens again, ask the operator of the server.`,
  );

/** Counts the entries of all rooms that wait to be read. */
export class WaitingEntries {
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts an item. @throws ClientError `too-much-sent`, and the item is not counted */
  add(item: LogItem): void {
    const bytes = bytesOf(item);
    if (this.#bytes + bytes > maxWaitingBytes) throw tooMuch(`${maxWaitingBytes / 1024 / 1024} MiB of entries`);
    this.#bytes += bytes;
  }

  /** To be called when items were read or dropped. */
  remove(items: readonly LogItem[]): void {
    for (const item of items) this.#bytes -= bytesOf(item);
  }
}

/** Requires that one more step may wait in a room. @throws ClientError `too-much-sent` */
export function requirePlaceFor(waitingSteps: number): void {
  if (waitingSteps >= maxWaitingSteps) throw tooMuch(`${maxWaitingSteps} steps of one room`);
}

/** Whether an id may be reported: for the first time, once more, for the first time beyond the maximum, or after that. */
export type Reporting = 'new' | 'known' | 'too-many' | 'dropped';

/** The ids of what was reported, up to a maximum. A server could otherwise fill memory and screen with ever new ids. */
export class ReportedIds {
  readonly #ids = new Set<string>();
  readonly #max: number;
  #isFull = false;

  constructor(max: number) {
    this.#max = max;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Notes an id. Those beyond the maximum are not kept. */
  note(id: string): Reporting {
    if (this.#ids.has(id)) return 'known';
    if (this.#isFull) return 'dropped';
    if (this.#ids.size >= this.#max) {
      this.#isFull = true;
      return 'too-many';
    }
    this.#ids.add(id);
    return 'new';
  }

  /** Forgets an id, so that it may be reported again. */
  delete(id: string): void {
    this.#ids.delete(id);
  }

  /** To be called after each login: ids beyond the maximum are reported again, in place of all former ones. */
  renew(): void {
    if (this.#isFull) this.#ids.clear();
    this.#isFull = false;
  }
}
