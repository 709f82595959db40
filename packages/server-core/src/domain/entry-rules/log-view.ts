/**
 * The log hashes at the latest positions of a room's log. The server compares each author view with them. Members do the same
 * with their own hashes, so the server never passes on an entry that was made for another log.
 */
import { type EntryType, emptyLogHash, limits, nextLogHash, ProtocolError, type RoomId } from '@chat/protocol';

/** An author view: the position and log hash up to which an author has read the log. */
export interface View {
  readonly seq: number;
  readonly hash: string;
}

/** The latest log hashes of one room, with which the server compares author views. */
export class LogView {
  readonly #roomId: RoomId;
  /** Position of the latest entry. The last of the hashes belongs to it. */
  #headSeq: number;
  /** Null stands for a hash that the store has lost. */
  #hashes: (string | null)[];

  /** @param hashes log hashes of the latest positions; the last one is that of `headSeq` */
  constructor(roomId: RoomId, headSeq: number, hashes: readonly (string | null)[]) {
    this.#roomId = roomId;
    this.#headSeq = headSeq;
    this.#hashes = [...hashes];
  }

  /**
   * Adds one more entry and returns the log hash after it.
   *
   * @throws ProtocolError `store-damaged`
   */
  add(type: EntryType, entryHash: string): string {
    const before = this.#headSeq === 0 ? emptyLogHash(this.#roomId) : this.#hashes.at(-1);
    if (typeof before !== 'string') throw lostHashError(this.#headSeq);
    this.#headSeq += 1;
    const hash = nextLogHash(before, { seq: this.#headSeq, type, hash: entryHash });
    this.#hashes.push(hash);
    // Cut only when the array has twice the length, so that most calls copy nothing.
    if (this.#hashes.length >= 2 * limits.viewEntries) this.#hashes = this.#hashes.slice(-limits.viewEntries);
    return hash;
  }

  /** Returns the log hash at a position from 0 to the head; null for positions `limits.viewEntries` or more before the head. */
  hashAt(seq: number): string | null {
    if (seq === 0) return emptyLogHash(this.#roomId);
    const behind = this.#headSeq - seq;
    return behind < 0 || behind >= limits.viewEntries ? null : (this.#hashes.at(-1 - behind) ?? null);
  }

  /**
   * Requires that the log had this hash at this position, and that the position is recent.
   *
   * @throws ProtocolError `stale-view` for a view that is too old, `other-log` for one that this log never had,
   *   `store-damaged` for a position of which the disk has lost the hash
   */
  require({ seq, hash }: View): void {
    const behind = this.#headSeq - seq;
    if (behind >= limits.viewEntries) {
      throw staleViewError(`This entry was made ${behind} entries ago`);
    }
    const known = behind < 0 ? undefined : this.#hashes.at(-1 - behind);
    if (known === null) throw lostHashError(seq);
    if (known !== hash) {
      throw new ProtocolError(
        'other-log',
        `The entry was made for a log that differs from this one at position ${seq}: compare the log with other members.`,
      );
    }
  }
}

/** Returns the error for a position of which the disk has lost the log hash. */
export const lostHashError = (seq: number): ProtocolError =>
  new ProtocolError(
    'store-damaged',
    `The disk of this server has damaged this log at position ${seq}: ask its operator to restore a backup.`,
  );

/**
 * Returns the error for an entry whose author view is not the room's log.
 *
 * @param reason begins the message
 */
export const staleViewError = (reason: string): ProtocolError =>
  new ProtocolError('stale-view', `${reason}: read the log up to its head and sign the entry again.`);
