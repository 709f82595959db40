/** Errors of functions that compose entries. Breaches of the protocol by others are `violation` events, never errors. */

/** Reasons for which this package throws. */
export type RoomErrorCode =
  /** The text of a message exceeds `messageTextBytes`. */
  | 'message-too-long'
  /** A reaction exceeds `reactionBytes`. */
  | 'reaction-too-long'
  /** The message has no text, and its kind needs one. */
  | 'nothing-to-say'
  /** The author of the entry is not a member of the room. */
  | 'not-a-member'
  /** The client does not have the secret of the latest epoch. */
  | 'no-key'
  /** A membership has ended or a user has been invited, and no epoch has answered that yet. */
  | 'rekey-pending'
  /** The room needs no new epoch. */
  | 'nothing-to-answer'
  /** No member, invited user or removed user that the entry could concern has this name. */
  | 'unknown-member'
  /** The user to invite is a member, or another invited user has this name or key. */
  | 'already-a-member'
  /** The user to invite has an invitation that waits. */
  | 'already-invited'
  /** The room's policy is `verified`, and the author has not verified the user to invite. */
  | 'not-verified'
  /** The room has as many members and invited users as it can hold. */
  | 'room-full'
  /** The author's role, the room's policy, a removal or a revocation forbids the entry. */
  | 'not-allowed';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class RoomError extends Error {
  /** The name of the class. */
  override readonly name = 'RoomError';
  /** The reason. */
  readonly code: RoomErrorCode;

  constructor(code: RoomErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
