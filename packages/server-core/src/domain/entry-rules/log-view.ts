/**
 * What a room's log looked like at its latest positions: what the author of an entry says that they have seen of it is
 * held against this. Members do the same with theirs, so an entry made for another log never gets among them by mistake.
 */
import { type EntryType, emptyLogHash, limits, nextLogHash, ProtocolError, type RoomId } from '@chat/protocol';

/** The position and log hash up to which an author has seen the log. */
export interface View {
  readonly seq: number;
  readonly hash: string;
}

export class LogView {
  readonly #room: RoomId;
  /** Position of the latest entry, whose log hash is the last one kept. */
  #head: number;
  #hashes: string[];

  /** @param hashes log hashes of the latest positions, the last one that of `head` */
  constructor(room: RoomId, head: number, hashes: readonly string[]) {
    this.#room = room;
    this.#head = head;
    this.#hashes = [...hashes];
  }

  /** The log hash after one more entry, which is in view from now on. */
  add(type: EntryType, entryHash: string): string {
    const before = this.#hashes.at(-1) ?? emptyLogHash(this.#room);
    this.#head += 1;
    const hash = nextLogHash(before, { seq: this.#head, type, hash: entryHash });
    this.#hashes.push(hash);
    // Cut in halves, so that it costs nothing for most entries.
    if (this.#hashes.length >= 2 * limits.viewEntries) this.#hashes = this.#hashes.slice(-limits.viewEntries);
    return hash;
  }

  /** Throws `stale-view` for what is too far back, and `other-log` for what this log is not. */
  require({ seq, hash }: View): void {
    const behind = this.#head - seq;
    if (behind >= limits.viewEntries) {
      throw staleView(`This was made ${behind} entries ago`);
    }
    if (behind < 0 || this.#hashes.at(-1 - behind) !== hash) {
      throw new ProtocolError(
        'other-log',
        `At position ${seq} the log of this room is not the one that this was made for: compare it with other members.`,
      );
    }
  }
}

export const staleView = (what: string): ProtocolError =>
  new ProtocolError('stale-view', `${what}: read the log up to its head and sign it again.`);
