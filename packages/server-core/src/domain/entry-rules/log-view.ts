/**
 * The log hashes at the latest positions of a room's log. The server compares each author view with them. Members do the same
 * with their own hashes, so the server never passes on an entry that was made for another log.
 */
import {
  type EntryType,
  emptyLogHash,
  LogHashes,
  limits,
  nextLogHash,
  ProtocolError,
  type RoomId,
} from '@chat/protocol';

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
  #hashes: LogHashes;

  /** @param hashes log hashes of the latest positions; the last one is that of `headSeq`. Null stands for one that the store has lost */
  constructor(roomId: RoomId, headSeq: number, hashes: readonly (string | null)[]) {
    this.#roomId = roomId;
    this.#headSeq = headSeq;
    this.#hashes = LogHashes.of(hashes);
  }

  /**
   * Adds one more entry and returns the log hash after it.
   *
   * @throws ProtocolError `store-damaged`
   */
  add(type: EntryType, entryHash: string): string {
    const before = this.#headSeq === 0 ? emptyLogHash(this.#roomId) : this.#hashes.before(0);
    if (typeof before !== 'string') throw lostHashError(this.#headSeq);
    this.#headSeq += 1;
    const hash = nextLogHash(before, { seq: this.#headSeq, type, hash: entryHash });
    this.#hashes = this.#hashes.push(hash);
    return hash;
  }

  /** Returns the log hash at a position from 0 to the head; null for positions `limits.viewEntries` or more before the head. */
  hashAt(seq: number): string | null {
    if (seq === 0) return emptyLogHash(this.#roomId);
    const behind = this.#headSeq - seq;
    return behind >= limits.viewEntries ? null : (this.#hashes.before(behind) ?? null);
  }

  /** The positions up to `before` of which views are to be compared and the hashes are not known: their number is `count`. */
  get unread(): { readonly before: number; readonly count: number } {
    const before = this.#headSeq - this.#hashes.length;
    return { before, count: Math.min(before, Math.max(0, limits.messageViewEntries - this.#hashes.length)) };
  }

  /** Adds the hashes of the `unread` positions. */
  extend(older: readonly (string | null)[]): void {
    const known = Array.from({ length: this.#hashes.length }, (_, behind) => this.#hashes.before(behind) ?? null);
    this.#hashes = LogHashes.of([...older, ...known.reverse()]);
  }

  /**
   * Requires that the log had this hash at this position, and that the position is recent. An `unread` position is too old, too.
   *
   * @param type the type of the entry with this view
   * @throws ProtocolError `stale-view` for a view that is too old, `other-log` for one that this log never had,
   *   `store-damaged` for a position of which the disk has lost the hash
   */
  require(type: EntryType, { seq, hash }: View): void {
    const behind = this.#headSeq - seq;
    const known = this.#hashes.before(behind);
    const oldest = type === 'message' ? limits.messageViewEntries : limits.viewEntries;
    if (behind >= oldest || (known === undefined && behind >= limits.viewEntries)) {
      throw staleViewError(`This entry was made ${behind} entries ago`);
    }
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
