/** One client at a time for a profile: two would each believe to know the user's last message. */
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientError } from '../errors.ts';

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** Makes the lock with its holder's id already in it, so that nobody ever reads an empty one. */
async function claim(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, `${process.pid}\n`, { mode: 0o600 });
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

/**
 * Takes the profile's lock; a lock whose process has died is taken over.
 *
 * @returns what gives it back
 */
export async function lockProfile(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  for (;;) {
    if (await claim(path)) return () => rm(path, { force: true });
    const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
    if (holder > 0 && isRunning(holder)) {
      throw new ClientError(
        'profile-in-use',
        `This profile is open in another client (process ${holder}): close that one first. If there is none, delete ${path}.`,
      );
    }
    await rm(path, { force: true });
  }
}
