/** Errors of the store. A refusal that follows from the stored data is a `StoreConflict` of the port instead. */

/** Reasons for which this package throws. */
export type StoreErrorCode =
  /** The disk is full, the file cannot be read or written, or another process keeps it locked. It may pass. */
  | 'store-unavailable'
  /** The file is not a chat store, or its contents are damaged. */
  | 'store-damaged'
  /** There is no store, or an empty one, where there must be one. */
  | 'store-missing'
  /** A development version of this program, from before the first published one, wrote the file. */
  | 'store-too-old'
  /** A later version of this program wrote the file. */
  | 'store-too-new'
  /** The store was used after `close`. */
  | 'store-closed'
  /** A defect: neither the caller nor the disk should be able to cause it. */
  | 'store-fault';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class StoreError extends Error {
  /** The name of the class. */
  override readonly name = 'StoreError';
  /** The reason. */
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
