/** The error class of this package and its codes. */

/** Reasons for which this package throws. */
export type HubErrorCode =
  /** A public key or encapsulation has the wrong size or form, is not on the curve, or makes the shared secret all zero. */
  | 'invalid-public-key'
  /** A private key has the wrong size, its scalar is out of range, or it does not belong to the public key beside it. */
  | 'invalid-private-key'
  /** The input is not an envelope of a known version, or it is one for another suite than that of the keys. */
  | 'invalid-envelope'
  /** The envelope, the link or its wrap does not open: another key pair, another context, or damage. The error does not say which. */
  | 'unwrap-failed'
  /** The key to hand over is not 16 to 64 bytes, or on a link not 32 bytes. */
  | 'invalid-key'
  /** The input is not an announcement of a known version, contradicts itself, or is for another suite than the group's. */
  | 'invalid-announcement'
  /** The input is not a stored state or snapshot of a known version, or it is damaged. */
  | 'invalid-state'
  /** Earlier announcements are missing. The caller fetches and applies them first. */
  | 'epoch-gap'
  /** The announcement is older than the latest one that was applied. */
  | 'epoch-stale'
  /** The announcement continues another history than the one that was applied, or belongs to another group. */
  | 'epoch-fork'
  /** A newcomer is in the group already, or is named twice. */
  | 'already-member'
  /** The named member is not in the group, or is named twice. */
  | 'unknown-member'
  /** The member does not have the key of the latest epoch and cannot be the hub. */
  | 'no-key'
  /** The input is not the opening or a wrap of a link of a known version, or it is an opening for another suite than that of the keys. */
  | 'invalid-link'
  /** The wrap belongs to another link than the one that was to open it. */
  | 'other-link'
  /** The wrap of this step was opened before, or came more than 1,024 steps late. The caller asks for a new wrap. */
  | 'link-step-used'
  /** The step is more than 1,024 steps ahead. The caller opens those before it, or asks for a new link. */
  | 'link-step-ahead'
  /** The link has used all its 2^32 - 1 steps. The caller opens another one. */
  | 'link-exhausted'
  /** An argument has the wrong type or size, or a random generator returned something else than random bytes. */
  | 'invalid-argument';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class HubError extends Error {
  /** The name of the class. */
  override readonly name = 'HubError';
  /** The reason; stable across versions. */
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
