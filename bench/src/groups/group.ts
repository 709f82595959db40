/** A group whose key changes when somebody is added or removed, as the bench sees it, whatever is beneath. */

export type Change = 'add' | 'remove';

/** Made anew from the same state each time that it is called. */
export interface Rekey {
  /** All that the hub (MLS: the committer) does, up to the bytes that it sends and the new key. */
  readonly hub: () => unknown;
  /** All that a member who stays does, from the bytes that they received to the new key. Not every peer has such work. */
  readonly member?: () => unknown;
  readonly sizes?: Sizes;
}

/** All in bytes. */
export interface Sizes {
  /** By the hub, to everybody together; what goes to everybody is counted once. */
  readonly sent: number;
  /** By a member who stays. */
  readonly downloaded: number;
  /** By who is added: the group as it is, too. */
  readonly newcomer?: number;
}

export interface Group {
  readonly name: string;
  readonly changes: Readonly<Record<Change, Rekey>>;
}
