/** Errors of this library: `FernetError` for invalid calls, `InvalidToken` for invalid tokens and streams. */

/** Reasons for which a call is invalid. */
export type FernetErrorCode =
  /** The key is neither 32 bytes nor their padded base64url of 44 characters. */
  | 'invalid-key'
  /** An argument has the wrong type or is out of range. */
  | 'invalid-argument';

/** Thrown for invalid calls. Programs act on `code`; `message` is for people and may change. */
export class FernetError extends Error {
  /** The name of the class. */
  override readonly name = 'FernetError';
  /** The reason. */
  readonly code: FernetErrorCode;

  constructor(code: FernetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Thrown for a token or stream that is damaged, forged, too old or made with another key. The error does not state which,
 * because that would help an attacker.
 */
export class InvalidToken extends Error {
  /** The name of the class. */
  override readonly name = 'InvalidToken';
  /** Always `invalid-token`. */
  readonly code = 'invalid-token';

  constructor() {
    super('the token or stream is invalid: request a new one from its sender, made with a current key');
  }
}
