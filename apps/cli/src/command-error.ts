/** What this app itself refuses, with the sentence that a person reads. */

type FailureCode =
  /** The command line is not one that exists. */
  | 'usage'
  /** The person left at a prompt. */
  | 'cancelled'
  | 'no-profile'
  | 'which-profile'
  | 'no-password'
  | 'password-file'
  | 'password-too-short'
  | 'no-fingerprint'
  | 'wrong-authority'
  | 'authority-not-confirmed'
  | 'nothing-to-send'
  | 'nobody-there'
  | 'yourself'
  | 'not-sent'
  | 'not-confirmed'
  | 'other-safety-number'
  | 'timed-out';

export class Failure extends Error {
  override readonly name = 'Failure';
  /** One of ours, or the code of what failed below. */
  readonly code: FailureCode | (string & {});

  constructor(code: FailureCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The stable code of whatever was thrown; null when it has none. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
