/** The error that ends a command. The operator sees its message, one sentence, and never a stack trace. */
import { CaError } from '@chat/mini-ca';
import { codeOf, ProtocolError } from '@chat/protocol';
import { StoreError } from '@chat/store-sqlite';

/** Reasons for which a command of the server ends without success. */
export type CommandErrorCode =
  /** The command line is wrong, or its options do not go together. */
  | 'usage'
  /** The configuration file holds something that no setting takes. */
  | 'config'
  /** The system refuses access to a file or directory. */
  | 'file-access'
  /** The data directory is not one that a server may use. */
  | 'data-directory'
  /** Another process uses the data directory. */
  | 'data-in-use'
  /** No server has ever been started in the data directory. */
  | 'not-started'
  /** A file in the data directory is damaged or missing, or belongs to another server. */
  | 'damaged-data'
  /** A later version of this program wrote a file in the data directory. */
  | 'data-too-new'
  /** The password of the CA's key is missing or wrong. */
  | 'ca-password'
  /** The CA's certificate is not valid now. */
  | 'ca-not-valid'
  /** The CA cannot be renewed like this, or there is nothing to cancel or to end. */
  | 'authority'
  /** Other machines cannot use this machine's name. */
  | 'public-host'
  /** The server cannot listen at the address and port. */
  | 'cannot-listen'
  /** The system lets this process open too few files. */
  | 'too-few-files'
  /** The enrolment policy excludes invitations. */
  | 'enrolment-closed'
  /** No account has the user name. */
  | 'unknown-user'
  /** No room has the name or id. */
  | 'unknown-room'
  /** No open invitation has the id. */
  | 'unknown-invitation'
  /** A file has the name that a new one was to get. */
  | 'file-exists'
  /** Another backup of the data directory is being made. */
  | 'backup-in-progress'
  /** A file is no backup, or not a whole one. */
  | 'backup-damaged'
  /** The password of a backup is missing or wrong. */
  | 'backup-password'
  /** A disk has too little space for what was asked. */
  | 'no-space'
  /** The operator was asked, and did not confirm. */
  | 'not-confirmed'
  /** A user has the name already. */
  | 'name-taken'
  /** The doctor has found problems. */
  | 'to-mend'
  /** No server runs on the data directory. */
  | 'not-running'
  /** The running server gave no answer, or one of another version. */
  | 'no-answer'
  /** An error without a code of its own. */
  | 'internal';

/** Ends a command. Programs act on `code` and `exitCode`; `message` is for the operator. */
export class CommandError extends Error {
  /** The name of the class. */
  override readonly name = 'CommandError';
  /** The reason: one of this program's codes, or the code of the error that is the cause. */
  readonly code: CommandErrorCode | (string & {});

  constructor(code: CommandErrorCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** 2 when the command line or the configuration is wrong, so that a restart does not help, else 1. */
  get exitCode(): 1 | 2 {
    return this.code === 'usage' || this.code === 'config' ? 2 : 1;
  }
}

const systemReasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full; free some space, then try again',
  EDQUOT: 'its disk quota is used up',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'it does not exist',
  ELOOP: 'its symbolic links form a circle',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the machine has too many files open',
  ENAMETOOLONG: 'its name is too long',
};

/** Returns an error that says what could not be done with a file or directory, and the system's reason. */
export function fileAccessError(action: string, path: string, error: unknown): CommandError {
  const code = codeOf(error) ?? 'the system gave no reason';
  return new CommandError('file-access', `Cannot ${action} ${path}: ${systemReasons[code] ?? code}.`, { cause: error });
}

/** Returns any error as a `CommandError`. An unexpected one keeps its own message after a prefix. */
export function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const code = codeOf(error);
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new CommandError(code, `Not done, because ${systemReasons[code]}: raise the limit (ulimit -n).`, {
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const isExpected = error instanceof StoreError || error instanceof CaError || error instanceof ProtocolError;
  return new CommandError(code ?? 'internal', isExpected ? message : `An unexpected error occurred: ${message}`, {
    cause: error,
  });
}
