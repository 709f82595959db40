/**
 * Storage port for links: chains of keys from one user to another. The server has their openings until the recipients have stored
 * them, and knows afterwards which links there are.
 */
import type { Fingerprint } from '@chat/protocol';

/** What names a link. Two senders can choose the same id. */
export interface LinkKey {
  /** The user who wraps keys. */
  readonly from: Fingerprint;
  /** The user who opens them. */
  readonly to: Fingerprint;
  /** 8 bytes. */
  readonly id: Uint8Array;
}

/** A link whose opening waits for its recipient. */
export interface WaitingLink extends LinkKey {
  /** First 8 bytes of the hash of the prekey to which the opening was made. */
  readonly prekey: Uint8Array;
  /** What the sender has made for the recipient. */
  readonly opening: Uint8Array;
}

/** A link as its sender may use it. */
export interface LiveLink extends Pick<LinkKey, 'to' | 'id'> {
  /** True until the recipient confirms the opening. */
  readonly isWaiting: boolean;
}

/** When links are put, and how many may wait. */
export interface LinkBounds {
  /** Milliseconds. */
  readonly now: number;
  /** Openings of one sender that may wait for one recipient. */
  readonly waiting: number;
}

/** What a deletion of old rows has left. */
export interface Deletion {
  /** Number of rows that were deleted. */
  readonly rows: number;
  /** True when there may be more: call again. */
  readonly more: boolean;
}

/** Which rows to delete. */
export interface Deadline {
  /** Rows from before this time, in milliseconds, are old. */
  readonly before: number;
  /** The most rows to delete in one call. */
  readonly limit: number;
}

/** Recipients whose fingerprints lie between two, these included. */
export interface RecipientRange {
  readonly first: Fingerprint;
  readonly last: Fingerprint;
}

/** Stores links. */
export interface LinkStore {
  /**
   * Stores these links, except those of a pair of users for which more than the bound would wait. A link that is stored already counts
   * as stored. Durable when the promise resolves.
   *
   * @returns the places of those that were not stored; null, and none is stored, when another opening waits under the name of one
   */
  putLinks(links: readonly WaitingLink[], bounds: LinkBounds): Promise<readonly number[] | null>;
  /** Returns the openings that wait for this recipient, the oldest first: at most `limit`. */
  linksTo(recipient: Fingerprint, limit: number): Promise<readonly WaitingLink[]>;
  /**
   * Returns the links of this sender that no recipient has reported as lost.
   *
   * @param range the first and the last recipient in question. Default: all
   */
  linksFrom(sender: Fingerprint, range?: RecipientRange): Promise<readonly LiveLink[]>;
  /** Erases the openings of these links, so that the bytes are gone from the store's files. Durable when the promise resolves. */
  confirmLinks(links: readonly LinkKey[]): Promise<void>;
  /** Marks links as lost and erases their openings. Returns those that exist and were not marked before. */
  loseLinks(links: readonly LinkKey[]): Promise<readonly LinkKey[]>;
  /**
   * Deletes the links to this key whose openings wait, and those from this key whose openings were read. The others may read the rest: what
   * the user has sent them stays readable.
   */
  deleteLinks(fingerprint: Fingerprint): Promise<void>;
  /** Deletes old links, except from a member of a direct room to its invited user, whose invitation does not end. */
  expireLinks(deadline: Deadline): Promise<Deletion>;
}
