/** Error codes with which a server answers, and the error that carries them on both sides. */
import { z } from 'zod';

/** Reasons for which a server refuses a request or ends a connection. */
export const errorCodes = [
  // The frame or the request itself.
  /** A frame is not one object in deterministic CBOR, nor has the layout of its kind. Ends the connection. */
  'malformed-frame',
  /** A frame is longer than `limits.frameBytes`. Ends the connection. */
  'frame-too-long',
  /** The fields are not those of the operation. Without `id` or `op` it ends the connection. */
  'malformed-request',
  /** The port has no such operation. */
  'unknown-operation',
  /** The two sides use different versions of the protocol. */
  'unsupported-version',
  /** The request comes before the login, is a second login or enrolment, or arrives while the connection closes. */
  'not-now',

  // Identity.
  /** Certificate, registered user name, identity key and signature do not belong together. */
  'login-refused',
  /** The client's certificate is missing, expired, revoked or of another authority. Ends the connection. */
  'certificate-refused',
  /** The user has newer certificates than the one of this connection: the client renews it. */
  'certificate-superseded',
  /** The user's identity key was renewed, and this is an earlier one. Who did not renew it has lost it to another person. */
  'key-renewed',
  /** The user to invite is not registered with this name and key. */
  'unknown-user',
  /** Another copy of the client's profile has logged in since. The client asks its user before it replaces the other one. */
  'used-elsewhere',
  /** The user name is bound to another identity key. */
  'user-name-taken',
  /** The enrolment policy is `closed`, and the user name is not registered. */
  'enrolment-closed',
  /** The enrolment policy is `invite`, and the request has no enrolment invitation. */
  'invitation-required',
  /** The enrolment invitation is unknown, used or expired. */
  'invitation-refused',
  /** The certificate request cannot be granted. */
  'certificate-request-refused',
  /** The operator has revoked the user, or the user to invite. The decision is final. */
  'access-revoked',
  /** The prekey is not signed by its owner, or is not later than the one before. */
  'prekey-refused',

  // Recovery.
  /** No key of a recovery phrase is registered for the name, or another one. */
  'recovery-refused',
  /** The user has no recovery phrase, or no backup, or the backup has no such chunk. */
  'no-recovery',
  /** The user's backup would exceed what the server keeps for a user. */
  'recovery-full',
  /** A backup with this number or a later one is stored. */
  'recovery-outdated',

  // Rooms.
  /** No open room has this id or name. */
  'unknown-room',
  /** The operator of the server has deleted the room. */
  'room-deleted',
  /** Another open room has this name. */
  'room-name-taken',
  /** The user is not a member of the room. */
  'not-a-member',
  /** The user who joins, or the user to invite, is a member or invited already, by name or by key. */
  'already-a-member',
  /** No knock of this user waits at the room. */
  'no-knock',
  /** The room has its maximum number of members and invited users. */
  'room-full',
  /** The room requires an invitation to join, and the user has none. */
  'not-invited',
  /** The user's invitation to the room has ended by its age: the user needs another one. */
  'invitation-expired',
  /** The entry breaks another rule of the protocol. */
  'entry-refused',

  // The author view.
  /** The author view is too old. The client must read on and sign the entry again. */
  'stale-view',
  /** The author view is not of this log: the author has been shown another one. */
  'other-log',

  // Roles and removals.
  /** The user, or the user to invite, was removed from the room and has not been readmitted. */
  'removed',
  /** A decision concerns a user who is not in the room. */
  'unknown-member',
  /** The author's role or the room policy does not allow the request. */
  'not-allowed',

  // Epochs.
  /** A message is encrypted under an earlier epoch. */
  'stale-epoch',
  /** There is no epoch yet, or none since a membership ended or a user was invited. */
  'rekey-pending',
  /** Another epoch, or another membership change, came first. */
  'epoch-conflict',
  /** The wraps are not those that the epoch names, or are not for its recipients. */
  'wraps-mismatch',
  /** The server has no wrap of this epoch for the user. */
  'no-wrap',
  /** The server has no live link of this user to the recipient of a wrap: the client opens a new one. */
  'unknown-link',
  /** The member to ask for a key follows the room on no connection. */
  'not-online',

  // Blobs.
  /** There is no such blob, or not for this user: it may be deleted by its owner, or with its room, or by the retention of the room. */
  'unknown-blob',
  /** The bytes of a blob have another hash than its creator states, or the id is that of another blob. */
  'blob-mismatch',
  /** The server does not have all bytes of the blob. */
  'blob-incomplete',
  /** The server stores no more blobs of this user. */
  'user-storage-full',

  // The state of the server.
  /** The user has sent too many requests or bytes. */
  'rate-limited',
  /** The server has no room for this connection. Ends the connection. */
  'server-full',
  /** Another connection of the same user has taken the place of this one. Ends the connection. */
  'connection-replaced',
  /** Another bound of the server has been reached. */
  'limit-reached',
  /** The server has no space for messages, on its disk or within its operator's bound. Control entries are still accepted. */
  'storage-full',
  /** The server stores no more messages of this room. Control entries are still accepted. */
  'room-storage-full',
  /** The disk of the server has damaged what the request needs. Only its operator can mend that. */
  'store-damaged',
  /** The server is stopping. */
  'stopping',
  /** The server failed, and the outcome is unknown. The client must repeat the request with the same `cid`. */
  'internal',
] as const;
/** A code with which a server answers. */
export type ErrorCode = (typeof errorCodes)[number];

/** An error on the wire. */
export const wireError = z.strictObject({
  /** An `ErrorCode`, or a code of a later version, which clients treat as a refusal. */
  code: z.string().max(64),
  /** One sentence for people: what happened, and what to do. */
  message: z.string().max(1000),
});
/** An error as it is transmitted. */
export type WireError = z.infer<typeof wireError>;

/**
 * A refusal: thrown by a server's handlers, and by a client whose request was answered with an error. Programs act on `code`;
 * `message` is for people and may change.
 */
export class ProtocolError extends Error {
  /** The name of the class. */
  override readonly name = 'ProtocolError';
  /** The reason: an `ErrorCode`, or a code of a later version. */
  readonly code: string;

  constructor(code: ErrorCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Returns the stable `code` of a thrown value; null when it has none. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
