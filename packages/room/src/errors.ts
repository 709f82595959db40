/** What a member cannot do with a room as it is now. Faults of others are events, never errors. */

export type RoomErrorCode =
  | 'message-too-long'
  | 'not-a-member'
  | 'no-key'
  | 'rekey-pending'
  | 'nothing-to-answer'
  | 'unknown-member'
  | 'already-a-member'
  | 'not-verified'
  | 'not-allowed';

export class RoomError extends Error {
  override readonly name = 'RoomError';
  readonly code: RoomErrorCode;

  constructor(code: RoomErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
