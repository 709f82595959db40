/** Rows that a store has lost because the disk has changed them. */

/** Names a damaged row. It holds no message, key or token. */
export interface DamagedRow {
  /** The table, by the store's name. */
  readonly table: string;
  /** What identifies the row in the table. */
  readonly key: string;
}

/**
 * Thrown by any call of a store that needs a row which differs from its checksum: the disk, not the caller, has changed it. The store
 * has reported the row to the listener of `watchDamage`.
 */
export class StoreDamage extends Error {
  /** The name of the class. */
  override readonly name = 'StoreDamage';
}
