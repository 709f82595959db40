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
  /** The profile is of an earlier development version, which cannot be read any more. */
  | 'profile-outdated'
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
  /** The server shows a prekey for somebody that they have not signed, or an old one. */
  | 'wrong-prekey'
  /** The server's operator has taken this user's access away. */
  | 'access-revoked'
  /** Nobody of that name has shown an identity key. */
  | 'unknown-user'
  /** The room's name is another conversation's. */
  | 'room-name-taken'
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

export const notJoined = (room: string): ClientError =>
  new ClientError('not-joined', `You are not in a room named ${room}: join it first.`);

export const removedFrom = (room: string): ClientError =>
  new ClientError(
    'removed',
    `You were removed from ${room}: its owner or a moderator can let you join again. /leave ${room} erases what is kept of it here.`,
  );

export const revokedFrom = (room: string): ClientError =>
  new ClientError(
    'access-revoked',
    `The server's operator has taken your access away. /leave ${room} erases what is kept of the room here.`,
  );
