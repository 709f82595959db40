/** The errors of a client, and how to read the code of any error. Refusals of a server are `ProtocolError`s with its code. */
import { codeOf, ProtocolError } from '@chat/protocol';

/** Reasons for which this package throws. */
export type ClientErrorCode =
  /** Nothing answers at the address, or the connection broke. */
  | 'unreachable'
  /** This machine or process has too many open files for one more connection. */
  | 'too-many-files'
  /** The server does not belong to the pinned certificate authority. */
  | 'wrong-authority'
  /** The server's certificate is not valid at this machine's time: one of the two clocks is wrong. */
  | 'clock-skew'
  /** The peer at the address does not speak this protocol. */
  | 'not-a-chat-server'
  /** The server does not accept this client's certificate (expired by the server's clock, revoked, from another authority). */
  | 'certificate-refused'
  /** The password does not decrypt the profile's identity key. */
  | 'wrong-password'
  /** Another client has the profile open. */
  | 'profile-in-use'
  /** A program of another version has the profile open, and this one cannot use it through that. */
  | 'other-version'
  /** The program that has the profile open has ended before it answered: what was asked for may be done or not. */
  | 'outcome-unknown'
  /** The client was closed before the program that has the profile open had confirmed the message: it may be sent or not. */
  | 'not-kept'
  /** A file of the profile is missing or unreadable. */
  | 'profile-damaged'
  /** The user is enrolled at this server already. */
  | 'profile-exists'
  /** The profile was exported, and not taken back. */
  | 'profile-moved'
  /** The profile was not exported, so it cannot be taken back. */
  | 'not-moved'
  /** The profile of an export is on this machine already. */
  | 'already-here'
  /** The file for an export is there already. */
  | 'file-exists'
  /** The folder for an export is not there. */
  | 'no-folder'
  /** The folder of the profile has something that an export cannot contain. */
  | 'not-exportable'
  /** The file of an export is not there. */
  | 'no-file'
  /** The file is no export of a profile, or not all of one. */
  | 'export-damaged'
  /** There is no recovery phrase, so that there are no backups. */
  | 'no-recovery-phrase'
  /** The server keeps less of a backup than the user's keys and rooms take. */
  | 'backup-too-large'
  /** A part of a backup is missing at the server, or is another one. */
  | 'backup-damaged'
  /** The words are no recovery phrase. */
  | 'not-a-phrase'
  /** An earlier development version wrote the profile; this version cannot read it. */
  | 'profile-outdated'
  /** The operation needs a connection, and there is none now. */
  | 'offline'
  /** The server did not answer in time, or the log did not show the result in time. */
  | 'timed-out'
  /** The server acknowledged an entry, but its log does not show the entry. */
  | 'not-delivered'
  /** The server answered with another room than the requested one. */
  | 'wrong-room'
  /** The room has closed, and another one has got its name. */
  | 'room-replaced'
  /** The user is not a member of the room. */
  | 'not-joined'
  /** The client has no message at this position, or it was deleted. */
  | 'unknown-message'
  /** The message is of another user. */
  | 'not-yours'
  /** The conversation goes on in another direct room, where what was said is said again as this change has left it. */
  | 'conversation-moved'
  /** The client does not know the log hash at this position: it is too old, or has not been read. */
  | 'unknown-position'
  /** Another member removed the user from the room. */
  | 'removed'
  /** The server's operator has deleted the room. */
  | 'room-deleted'
  /** The server shows a prekey that its owner has not signed, one older than a prekey seen before, or one that is dated ahead. */
  | 'wrong-prekey'
  /** The server's operator has revoked the user's access. */
  | 'access-revoked'
  /** No user of this name has published an identity key. */
  | 'unknown-user'
  /** The room is not open, and the user is not invited. */
  | 'not-invited'
  /** The user's invitation to the room has ended by its age. */
  | 'invitation-expired'
  /** A user in the room has another identity key than the pinned one. */
  | 'identity-changed'
  /** The server has lost the user's account, and gives it back with an invitation only: a new invitation line is needed. */
  | 'enrolment-lost'
  /** The server has the key of a renewal that was cut off, and this client the key before: the next opening finishes the renewal. */
  | 'renewal-unfinished'
  /** The server sends faster than the client can read. Ends the connection; the client connects again. */
  | 'too-much-sent'
  /** The disk did not store the client's state, which the client tries again, or a file of a profile that is imported. */
  | 'not-stored'
  /** A search has no word with a letter or a digit, and no author. */
  | 'no-words'
  /** Messages that were to be erased may still be in files, because the disk keeps them. The client tries again. */
  | 'not-erased'
  /** A file that is to be sent cannot be read, is no file, is too large, or has changed meanwhile. */
  | 'file-unusable'
  /** A file cannot be saved in the folder, or the disk does not take it. */
  | 'folder-unusable'
  /** What the server gives is not what the author of the file has sent. */
  | 'file-altered'
  /** The server does not have the file any more. */
  | 'file-gone'
  /** The server, or a client without a disk, keeps no files. */
  | 'files-unsupported'
  /** The message sends no file. */
  | 'no-file-sent'
  /** There is no transfer of this number that is not over. */
  | 'no-transfer'
  /** The transfer was cancelled. */
  | 'cancelled'
  /** What was moved of a transfer is not on the disk any more. */
  | 'transfer-lost'
  /** The client or the connection was closed. */
  | 'closed';

/** Thrown by every function of this package. Programs act on `code`; `message` is for people and may change. */
export class ClientError extends Error {
  /** The name of the class. */
  override readonly name = 'ClientError';
  /** The reason. */
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the error for an operation in a room that the user is not in. */
export const notJoined = (roomName: string): ClientError =>
  new ClientError('not-joined', `You are not in a room named ${roomName}: join it first.`);

/** Returns the error for an operation in a room from which the user was removed. */
export const removedFrom = (roomName: string): ClientError =>
  new ClientError(
    'removed',
    `You were removed from ${roomName}: its owner or a moderator can allow you to join again. /leave ${roomName} erases what is stored of it here.`,
  );

/** Returns the error for an operation in a room that the server's operator has deleted. */
export const deletedRoom = (roomName: string): ClientError =>
  new ClientError(
    'room-deleted',
    `The server says that its operator has deleted ${roomName}. /leave ${roomName} erases what is stored of it here.`,
  );

/** Returns the error for an operation in a room after the user's access was revoked. */
export const revokedFrom = (roomName: string): ClientError =>
  new ClientError(
    'access-revoked',
    `The server's operator has revoked your access. /leave ${roomName} erases what is stored of the room here.`,
  );

/** Returns the error for a message after the user's access was revoked. */
export const accessRevoked = (): ClientError =>
  new ClientError('access-revoked', "The server's operator has revoked your access permanently.");

/** Returns the error for a client with the key before, while the server has the key of the renewal that the client has begun. */
export const renewalUnfinished = (cause: unknown): ClientError =>
  new ClientError(
    'renewal-unfinished',
    'The server has your new identity key, and the renewal was cut off before this profile had it: close the client and open the profile again, which finishes the renewal.',
    { cause },
  );

/** What an event reports of an error. */
export interface Explanation {
  readonly code: string;
  /** One sentence. */
  readonly reason: string;
}

/** Returns the code and the message of a thrown value; the code is `internal` if it has none. */
export function explain(error: unknown): Explanation {
  if (!(error instanceof Error)) return { code: 'internal', reason: String(error) };
  return { code: codeOf(error) ?? 'internal', reason: error.message };
}

/** Returns whether a request failed with its connection. The client repeats on the next connection what the request was for. */
export const isDisconnection = (error: unknown): boolean =>
  error instanceof ClientError && (error.code === 'offline' || error.code === 'closed' || error.code === 'unreachable');

/** With these codes the client itself refuses, so that it sends no request. */
const ownRefusals: ReadonlySet<string> = new Set<ClientErrorCode>([
  'offline',
  'not-invited',
  'invitation-expired',
  'room-replaced',
]);

/** Returns whether it is certain that the server has not carried out the failed request. */
export function isRefusal(error: unknown): boolean {
  const { code } = explain(error);
  return ownRefusals.has(code) || (error instanceof ProtocolError && code !== 'internal' && code !== 'stopping');
}
