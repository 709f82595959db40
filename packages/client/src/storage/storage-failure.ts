/** Translates failures to write the client's state into errors that tell the user what to do. */
import { codeOf } from '@chat/protocol';
import { ClientError } from '../errors.ts';

const consequence = 'What happens in chat now is lost if chat ends before it can be stored.';

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space.',
  EDQUOT: 'your quota on the disk is used up: free some space.',
  EROFS: 'the file system is read-only: make it writable, or move the profile to another home directory.',
  EACCES: 'the system denies access to its files: check their owner and mode.',
  EPERM: 'the system denies access to its files: check their owner and mode.',
  ENOENT: 'its directory is gone: restore it before you quit chat.',
  EMFILE: 'this process has too many open files: raise the limit of open files.',
  ENFILE: 'the system has too many open files: close other programs.',
};

/** Returns why the disk has not taken something, as the end of a sentence that has `because` before it. */
export function causeOf(error: unknown): string {
  const code = codeOf(error);
  const known = code !== null && Object.hasOwn(causes, code) ? causes[code] : undefined;
  return known ?? 'the disk reports an error: check it.';
}

/** Returns the error for a state that could not be written because of `cause`. */
export const storageFailure = (cause: unknown): ClientError =>
  new ClientError('not-stored', `Your profile cannot be stored, because ${causeOf(cause)} ${consequence}`, { cause });
