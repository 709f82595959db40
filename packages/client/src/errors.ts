/** What can go wrong at a client. A server's own refusals come as `ProtocolError` with the server's code. */

export type ClientErrorCode =
  /** Nothing answers at the address, or the connection broke. */
  | 'unreachable'
  /** What answers is not the server that was pinned. */
  | 'wrong-authority'
  /** The server's certificate is not valid at this machine's time: one of the two clocks is wrong. */
  | 'clock-skew'
  /** What answers does not speak this protocol. */
  | 'not-a-chat-server'
  /** The server does not accept our certificate for the connection (expired by its clock, revoked, not its own). */
  | 'certificate-refused'
  | 'wrong-password'
  | 'profile-in-use'
  | 'profile-damaged'
  | 'profile-exists'
  /** This needs a connection, and there is none now. */
  | 'offline'
  | 'timed-out'
  /** The server claims to have a message and does not show it. */
  | 'not-delivered'
  /** The server gave another room than the one that was asked for. */
  | 'wrong-room'
  /** The room is not one that this user has joined. */
  | 'not-joined'
  /** Somebody took this user out of the room. */
  | 'removed'
  /** Somebody in the room has another identity key than before. */
  | 'identity-changed'
  | 'closed';

export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const removedFrom = (room: string): ClientError =>
  new ClientError(
    'removed',
    `You were removed from ${room}: its owner or a moderator can let you join again. /leave ${room} erases what is kept of it here.`,
  );
