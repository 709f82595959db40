/** Locks a ledger for one writer: a file beside it contains the process id of the process that has it open. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { CaError } from '../errors.ts';

/** The contents of the locks of this process. Any other lock with its process id is from an earlier process with the same id. */
const held = new Set<string>();

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function isHeld(content: string): boolean {
  const pid = Number.parseInt(content, 10);
  if (pid === process.pid) return held.has(content);
  return pid > 0 && isAlive(pid);
}

/** Returns the content of the lock, or an empty string when there is no lock. */
async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

/** Creates the lock with its content in one step. Returns false when there is a lock. */
async function claim(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes the lock of a process that has ended. A lock that another process has created since is put back. */
async function remove(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== stale) await link(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * Locks a ledger. The lock of a process that has ended is taken over.
 *
 * @returns a function that releases the lock
 * @throws CaError `ledger-in-use`
 */
export async function lockLedger(ledger: string): Promise<() => Promise<void>> {
  const path = `${ledger}.lock`;
  const own = `${process.pid} ${randomBytes(8).toString('hex')}\n`;
  held.add(own);
  try {
    while (!(await claim(path, own))) {
      const found = await contentOf(path);
      if (isHeld(found)) {
        const holder = Number.parseInt(found, 10);
        throw new CaError(
          'ledger-in-use',
          `process ${holder} has this ledger open, and only one may. If that process is not a CA, delete ${path}`,
        );
      }
      if (found !== '') await remove(path, found);
    }
  } catch (error) {
    held.delete(own);
    throw error;
  }
  return async () => {
    held.delete(own);
    if ((await contentOf(path)) === own) await rm(path, { force: true });
  };
}
