/** The interface of the compared groups: a key that changes when a member is added or removed. */

/** A change of a group's members. */
export type Change = 'add' | 'remove';

/** One change. Each call starts from the same state. */
export interface Rekey {
  /** The work of the hub (MLS: the committer) up to the bytes that it sends and the new key. */
  readonly hub: () => unknown;
  /** The work of a remaining member from the received bytes to the new key. Not every contender has it. */
  readonly member?: () => unknown;
  readonly sizes?: Sizes;
}

/** Sizes in bytes. */
export interface Sizes {
  /** Sent by the hub. What all members receive is counted once. */
  readonly sent: number;
  /** Downloaded by a remaining member. */
  readonly downloaded: number;
  /** Downloaded by the new member, with the state of the group. */
  readonly newcomer?: number;
}

/** A contender: a group whose membership changes. */
export interface Group {
  readonly name: string;
  readonly changes: Readonly<Record<Change, Rekey>>;
}
