/** What the person at the keyboard is told when a command cannot go on: one sentence, never a stack trace. */
import { CaError } from '@chat/mini-ca';
import { ProtocolError } from '@chat/protocol';
import { StoreError } from '@chat/store-sqlite';

export class Complaint extends Error {
  override readonly name = 'Complaint';
  /** 2 when the command line is at fault, else 1. */
  readonly exitCode: 1 | 2;

  constructor(message: string, { exitCode = 1, cause }: { exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'its disk quota is used up',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'it is not there',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'the name is too long',
};

/** The system's code of an error, such as `EACCES`. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Says about a file or directory what the system said. */
export function cannot(what: string, path: string, error: unknown): Complaint {
  const code = systemCode(error);
  return new Complaint(`Cannot ${what} ${path}: ${reasons[code] ?? (code === '' ? 'unknown reason' : code)}.`, {
    cause: error,
  });
}

/** Any error as a complaint. One that nobody foresaw keeps its own message. */
export function asComplaint(error: unknown): Complaint {
  if (error instanceof Complaint) return error;
  const message = error instanceof Error ? error.message : String(error);
  const expected = error instanceof StoreError || error instanceof CaError || error instanceof ProtocolError;
  return new Complaint(expected ? message : `Something unforeseen happened: ${message}`, { cause: error });
}
