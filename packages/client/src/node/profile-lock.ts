/**
 * The lock of a profile. Only one client at a time may use a profile, because each message contains the hash of the user's message
 * before, and two clients would both continue the same chain.
 */
import { join } from 'node:path';
import { type FileLock, lockFile } from '@chat/durable-files';
import { codeOf } from '@chat/protocol';
import { ClientError } from '../errors.ts';

/** SQLITE_READONLY: the lock's file cannot be written. */
const readOnlyErrorNumber = 8;

const isReadOnly = (error: unknown): boolean =>
  codeOf(error) === 'EROFS' || (error instanceof Error && 'errcode' in error && error.errcode === readOnlyErrorNumber);

/** No client can write to the profile, so none has to be kept away. */
const lockOfReadOnlyProfile: FileLock = { release: () => undefined };

function lockUnlessReadOnly(path: string): FileLock | null {
  try {
    return lockFile(path);
  } catch (error) {
    if (isReadOnly(error)) return lockOfReadOnlyProfile;
    throw error;
  }
}

/**
 * Locks a profile until the lock is released or this process ends. A profile on a read-only file system can be opened, to read it.
 *
 * @throws ClientError `profile-in-use`
 */
export function lockProfile(directory: string): FileLock {
  const lock = lockUnlessReadOnly(join(directory, 'profile.lock'));
  if (lock === null)
    throw new ClientError('profile-in-use', 'This profile is open in another client: close that one first.');
  return lock;
}
