/** The one error class of this library. `code` is stable; the message is for people. */

/**
 * - `invalid-public-key`: not a valid point of the suite, or one that yields an all-zero secret
 * - `invalid-private-key`: wrong size, or a scalar out of range
 * - `invalid-envelope`: not an envelope of a known version, or one for another suite than the keys
 * - `unwrap-failed`: everything that depends on a secret: wrong key, wrong context, damaged envelope
 * - `invalid-key`: the key to hand over is not 16 to 64 bytes
 * - `invalid-argument`: any other misuse by the caller
 */
export type HubErrorCode =
  | 'invalid-public-key'
  | 'invalid-private-key'
  | 'invalid-envelope'
  | 'unwrap-failed'
  | 'invalid-key'
  | 'invalid-argument';

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
