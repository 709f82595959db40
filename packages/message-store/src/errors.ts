/** The error that this package throws. */

/** Reasons for which this package throws. */
export type MessageStoreErrorCode =
  /** A file of the store is not there. */
  | 'missing'
  /** A file of the store was altered, or was made for another place. */
  | 'damaged'
  /** The system does not let a file of the store be read, or something else has its name. */
  | 'unreadable'
  /** An argument has the wrong type or is out of range. */
  | 'invalid-argument';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class MessageStoreError extends Error {
  /** The name of the class. */
  override readonly name = 'MessageStoreError';
  /** The reason. */
  readonly code: MessageStoreErrorCode;

  constructor(code: MessageStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
