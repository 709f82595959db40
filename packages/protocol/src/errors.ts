/** The error codes that a server may answer with. Programs act on the code; people read the message beside it. */
import { z } from 'zod';

export const errorCodes = [
  // the frame or request itself
  'malformed-frame',
  'frame-too-long',
  'malformed-request',
  'unknown-operation',
  'unsupported-version',
  'not-now',
  // identity
  'login-refused',
  'unknown-user',
  'user-name-taken',
  'enrolment-closed',
  'invitation-required',
  'invitation-refused',
  'certificate-request-refused',
  'access-revoked',
  'prekey-refused',
  // rooms
  'unknown-room',
  'room-name-taken',
  'not-a-member',
  'already-a-member',
  'room-full',
  'not-invited',
  'entry-refused',
  // what the author saw of the log
  'stale-view',
  'other-log',
  // roles and removals
  'removed',
  'unknown-member',
  'not-allowed',
  // epochs
  'stale-epoch',
  'rekey-pending',
  'epoch-conflict',
  'wraps-mismatch',
  'no-wrap',
  'not-online',
  // the server's state
  'rate-limited',
  'limit-reached',
  'stopping',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export const wireError = z.strictObject({
  /** A code that this version does not know is shown as it is. */
  code: z.string().max(64),
  /** One sentence: what happened, and what mends it. */
  message: z.string().max(1000),
});
export type WireError = z.infer<typeof wireError>;

/** A refusal, on either side: thrown by a server's handlers, and by a client whose request was answered with an error. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
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
