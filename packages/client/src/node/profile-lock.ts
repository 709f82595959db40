/**
 * The lock of a profile. Only one client at a time may use a profile, because each message contains the hash of the user's message
 * before, and two clients would both continue the same chain.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '@chat/durable-files';
import { ClientError } from '../errors.ts';

/** The locks that this process holds. A lock file with this process id that is not among them is from an earlier process. */
const heldPaths = new Set<string>();

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

const isHeld = (path: string, pid: number): boolean =>
  pid === process.pid ? heldPaths.has(path) : pid > 0 && isRunning(pid);

/** Creates the lock file with its content in one step, so that no process ever reads an empty one. Returns false if there is one. */
async function claim(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the lock file of a dead process. If another process has created a new one by now, puts it back. */
async function clear(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path);
  } catch (error) {
    // Another process was quicker, either way; the caller looks again.
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Locks a profile. Takes over a lock whose process has died.
 *
 * @returns a function that releases the lock
 * @throws ClientError `profile-in-use`
 */
export async function lockProfile(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  // The random word distinguishes two locks with the same process id.
  const content = `${process.pid} ${randomBytes(8).toString('hex')}\n`;
  for (;;) {
    if (await claim(path, content)) {
      heldPaths.add(path);
      return async () => {
        heldPaths.delete(path);
        if ((await readIfThere(path)) === content) await rm(path, { force: true });
      };
    }
    const found = await readIfThere(path);
    const holder = Number.parseInt(found ?? '', 10);
    if (found !== null && isHeld(path, holder)) {
      throw new ClientError(
        'profile-in-use',
        `This profile is open in another client (process ${holder}): close that one first. If no client is running, delete ${path}.`,
      );
    }
    if (found !== null) await clear(path, found);
  }
}
