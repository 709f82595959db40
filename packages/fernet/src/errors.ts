/** What this library throws: `FernetError` when the caller is at fault, `InvalidToken` when the token is. Each has a stable `code`. */

export type FernetErrorCode =
  /** Not a Fernet key: 32 bytes, or their padded base64url of 44 characters. */
  | 'invalid-key'
  /** An argument of the wrong type, or outside of its range. */
  | 'invalid-argument';

/** A call that can never succeed as it stands. */
export class FernetError extends Error {
  override readonly name = 'FernetError';
  readonly code: FernetErrorCode;

  constructor(code: FernetErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The token or stream is damaged, forged, too old or for another key. Which is never said: the answer would help a forger. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
  readonly code = 'invalid-token';

  constructor() {
    super('the token or stream is not valid here: ask its sender for a new one, made with a current key');
  }
}
