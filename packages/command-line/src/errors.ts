/** The errors of this package. */

/** Reasons for which a command line is refused. */
export type CommandLineErrorCode =
  /** The first word is no command, nor the first operand of the default command. */
  | 'unknown-command'
  /** The program has no option of this name, or this command does not take it. */
  | 'unknown-option'
  /** A required operand is missing. */
  | 'missing-operand'
  /** There are more words than operands. */
  | 'unexpected-operand'
  /** An option, operand or environment variable has a value that it does not take, or lacks one. */
  | 'invalid-value';

/** Thrown for a wrong command line. The message says what is wrong and which help to read. */
export class CommandLineError extends Error {
  /** The name of the class. */
  override readonly name = 'CommandLineError';
  /** The reason. */
  readonly code: CommandLineErrorCode;

  constructor(code: CommandLineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
