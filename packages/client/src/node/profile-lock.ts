/** One client at a time for a profile: two would each believe to know the user's last message. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere } from '@chat/durable-files';
import { ClientError } from '../errors.ts';

/** The locks of this process: one with its id that is not among them is left from an earlier process of the same id. */
const held = new Set<string>();

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
  pid === process.pid ? held.has(path) : pid > 0 && isRunning(pid);

/** Makes the lock with its holder's id already in it, so that nobody ever reads an empty one. */
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

/** Takes a dead holder's lock away; should it be another's by now, it is put back. */
async function clear(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path);
  } catch (error) {
    // Somebody else was quicker, either way: the next look tells.
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Takes the profile's lock; a lock whose process has died is taken over.
 *
 * @returns what gives it back
 */
export async function lockProfile(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  // The second word tells two locks of one process id apart.
  const content = `${process.pid} ${randomBytes(8).toString('hex')}\n`;
  for (;;) {
    if (await claim(path, content)) {
      held.add(path);
      return async () => {
        held.delete(path);
        if ((await readIfThere(path)) === content) await rm(path, { force: true });
      };
    }
    const found = await readIfThere(path);
    const holder = Number.parseInt(found ?? '', 10);
    if (found !== null && isHeld(path, holder)) {
      throw new ClientError(
        'profile-in-use',
        `This profile is open in another client (process ${holder}): close that one first. If there is none, delete ${path}.`,
      );
    }
    if (found !== null) await clear(path, found);
  }
}
