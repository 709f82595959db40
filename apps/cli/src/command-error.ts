/** The error that ends a command of this program, or a slash command. Its message is the sentence that the user reads. */

/** Reasons for which this program itself refuses. */
export type CommandErrorCode =
  /** The command line is wrong. */
  | 'usage'
  /** The user left at a prompt, or a signal stopped the program. */
  | 'cancelled'
  /** There is no profile, or none that `--user` and `--server` select. */
  | 'no-profile'
  /** More than one profile is selected. */
  | 'which-profile'
  /** The password is needed and there is no terminal to ask for it. */
  | 'no-password'
  /** The password file cannot be read. */
  | 'password-file'
  /** The new password is the one before. */
  | 'same-password'
  /** A new password is too short. */
  | 'password-too-short'
  /** The full screen is asked for without a terminal that can show it. */
  | 'no-screen'
  /** The invitation line has no fingerprint, and there is no terminal to ask for confirmation. */
  | 'no-fingerprint'
  /** The server presents another certificate authority than the expected one. */
  | 'wrong-authority'
  /** The user did not confirm the fingerprint of the certificate authority. */
  | 'authority-not-confirmed'
  /** The user did not confirm what cannot be undone. */
  | 'not-agreed'
  /** The text of a message is empty. */
  | 'nothing-to-send'
  /** The other user has left the direct room. */
  | 'nobody-there'
  /** The user named themselves where another user is needed. */
  | 'yourself'
  /** The room's key did not arrive in time, so nothing was sent. */
  | 'not-sent'
  /** The server did not confirm a message in time. */
  | 'not-confirmed'
  /** The safety number that the user typed is not the one of the two users. */
  | 'other-safety-number'
  /** Files of messages are missing or damaged, so not all that was asked for could be printed. */
  | 'messages-damaged'
  /** The room's log did not arrive in time. */
  | 'timed-out';

/** Ends a command. Programs act on `code` and `exitCode`; `message` is for the user. */
export class CommandError extends Error {
  /** The name of the class. */
  override readonly name = 'CommandError';
  /** The reason: one of this program's codes, or the code of the error that is the cause. */
  readonly code: CommandErrorCode | (string & {});

  constructor(code: CommandErrorCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** 2 when the command line is wrong, 130 when the user left or a signal stopped the program, else 1. */
  get exitCode(): 1 | 2 | 130 {
    if (this.code === 'usage') return 2;
    return this.code === 'cancelled' ? 130 : 1;
  }
}
