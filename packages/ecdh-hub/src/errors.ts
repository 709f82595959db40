/** The one error class of this library. `code` is stable; the message is for people. */

/**
 * - `invalid-public-key`: not a valid point of the suite, or one that yields an all-zero secret
 * - `invalid-private-key`: wrong size, or a scalar out of range
 * - `invalid-envelope`: not an envelope of a known version, or one for another suite than the keys
 * - `unwrap-failed`: everything that depends on a secret: wrong key, wrong context, damaged envelope
 * - `invalid-key`: the key to hand over is not 16 to 64 bytes
 * - `invalid-announcement`: not an announcement of a known version, or one that contradicts itself or the group's suite
 * - `invalid-state`: a stored state or snapshot that is not one of a known version, or is damaged
 * - `epoch-gap`: announcements in between are missing: fetch them and apply them first
 * - `epoch-stale`: an announcement older than the latest that was applied
 * - `epoch-fork`: an announcement that continues another history than the one that was applied
 * - `already-member`, `unknown-member`: a newcomer who is in the group, somebody to remove who is not
 * - `no-key`: the member lacks the key of the latest epoch, and so cannot be the hub
 * - `invalid-argument`: any other misuse by the caller
 */
export type HubErrorCode =
  | 'invalid-public-key'
  | 'invalid-private-key'
  | 'invalid-envelope'
  | 'unwrap-failed'
  | 'invalid-key'
  | 'invalid-announcement'
  | 'invalid-state'
  | 'epoch-gap'
  | 'epoch-stale'
  | 'epoch-fork'
  | 'already-member'
  | 'unknown-member'
  | 'no-key'
  | 'invalid-argument';

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
