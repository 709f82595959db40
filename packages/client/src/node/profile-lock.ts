/**
 * The lock of a profile. Only one client at a time may use a profile, because each message contains the hash of the user's message
 * before, and two clients would both continue the same chain.
 */
import { join } from 'node:path';
import { type FileLock, lockFile } from '@chat/durable-files';
import { ClientError } from '../errors.ts';

/**
 * Locks a profile until the lock is released or this process ends.
 *
 * @throws ClientError `profile-in-use`
 */
export function lockProfile(directory: string): FileLock {
  const lock = lockFile(join(directory, 'profile.lock'));
  if (lock === null)
    throw new ClientError('profile-in-use', 'This profile is open in another client: close that one first.');
  return lock;
}
